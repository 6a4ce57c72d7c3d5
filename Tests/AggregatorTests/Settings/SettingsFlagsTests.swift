import ArgumentParser
import Testing

@testable import Aggregator

@Suite struct SettingsFlagsTests {
    @Test("every row of the table is a flag that gives its key its text", arguments: SettingsKey.all.map(\.name))
    func flag(name: String) throws {
        let key = try #require(SettingsKey.all.first { $0.name == name })
        #expect(try SettingsFlags.parse(["--\(key.flag)", "x"]).texts == [name: "x"])
        let help = SettingsFlags.helpMessage(columns: 1000)
        #expect(help.contains(key.help))
        if let standard = key.standard { #expect(help.contains("\(key.help) (default: \(standard))")) }
    }

    @Test("there is no flag beside them but --config and --engine")
    func noOther() throws {
        let flags = try SettingsFlags.parse(["--config", "c", "--engine", "e"])
        #expect(flags.config == "c")
        #expect(flags.engine == "e")
        #expect(flags.texts.isEmpty)
        #expect(Mirror(reflecting: flags).children.count == SettingsKey.all.count + 2)
    }

    @Test("names are unique, as keys and as flags")
    func unique() {
        #expect(Set(SettingsKey.all.map(\.name)).count == SettingsKey.all.count)
        #expect(Set(SettingsKey.all.map(\.flag)).count == SettingsKey.all.count)
    }
}
