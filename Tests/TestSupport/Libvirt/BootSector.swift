import Foundation

/// What a machine without an operating system does: a few instructions in the first sector of its disk.
package struct BootSector: Sendable {
    private var code: [UInt8] = [0xFA]  // cli

    package init() {}

    /// Writes a byte to a port.
    package mutating func out(_ port: UInt16, _ byte: UInt8) {
        code += [0xBA] + Self.bytes(port) + [0xB0, byte, 0xEE]  // mov dx, port; mov al, byte; out dx, al
    }

    /// Writes a word to a port.
    package mutating func out(_ port: UInt16, word: UInt16) {
        code += [0xBA] + Self.bytes(port) + [0xB8] + Self.bytes(word) + [0xEF]  // mov ax, word; out dx, ax
    }

    /// Has the firmware write 60 sectors, half a megabyte into a disk; 0x81 is the second one.
    package mutating func fill(drive: UInt8) {
        code += [0xFB, 0xB8, 60, 3]  // sti; mov ax, 0x300 + 60
        code += [0xB9, 1, 1, 0xBA, drive, 0]  // mov cx, cylinder 1 and sector 1; mov dx, head 0 and the drive
        code += [0xCD, 0x13, 0xFA]  // int 0x13; cli
    }

    /// Lets the second processor go, again and again, as soon as somebody asks for it: ACPI's registers for that.
    package mutating func ejectProcessors() {
        code += [0xBA, 0x00, 0xAF, 0x66, 0x31, 0xC0, 0x66, 0xEF]  // their newer form: mov dx, 0xAF00; xor eax, eax; out
        let loop: [UInt8] = [
            0xBA, 0x00, 0xAF, 0x66, 0xB8, 1, 0, 0, 0, 0x66, 0xEF,  // the second one: mov eax, 1; out dx, eax
            0xBA, 0x04, 0xAF, 0xEC, 0xA8, 4,  // mov dx, 0xAF04; in al, dx; test al, "is to go"
            0x74, 3, 0xB0, 8, 0xEE,  // jz 3; mov al, "goes"; out dx, al
        ]
        code += loop + [0xEB, UInt8(bitPattern: Int8(-loop.count - 2))]  // jmp loop
    }

    /// Makes a disk of a megabyte that starts with it.
    package func write(to path: String) throws {
        var disk = Data(code + [0xF4, 0xEB, 0xFD])  // hlt; jmp hlt
        disk += Data(count: 510 - disk.count) + [0x55, 0xAA] + Data(count: 1 << 20)
        try disk.write(to: URL(fileURLWithPath: path))
    }

    private static func bytes(_ word: UInt16) -> [UInt8] { [UInt8(word & 0xFF), UInt8(word >> 8)] }
}
