import Testing

@testable import Aggregator

@Suite struct StopBudgetTests {
    @Test(
        "the parts leave a tenth at least for the last words",
        arguments: [.milliseconds(100), .seconds(1), .seconds(10), .seconds(3600)] as [Duration]
    )
    func shares(bound: Duration) {
        let budget = StopBudget(bound)
        #expect(budget.admin <= .seconds(1))
        #expect(budget.admin + budget.watchers + budget.drain <= bound * 0.9)
        #expect(min(budget.admin, budget.watchers, budget.drain) > .zero)
    }
}
