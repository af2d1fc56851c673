import CostModel
import Testing

@Suite("Factors of runs")
struct HostFactorsTests {
    /// Runs that are made of known factors give them back.
    @Test(arguments: [(2.0, 1.1), (3.5, 0.9), (1.0, 1.0)])
    func knownFactorsAreFound(overhead: Double, products: Double) throws {
        let parts = [(0.001, 0.010), (0.004, 0.006), (0.0002, 0.02), (0.003, 0.001)]
        let runs = parts.map { part in
            HostFactors.Run(
                measured: overhead * part.0 + products * part.1,
                products: part.1,
                overhead: part.0
            )
        }
        let found = try HostFactors(runs)
        #expect(abs(found.overhead - overhead) < 1e-9 && abs(found.products - products) < 1e-9)
        #expect(found.error < 1e-9)
    }

    /// Runs that measured nothing must not pass for a fit.
    @Test func whatCannotBeFittedIsRefused() {
        #expect(throws: HardwareError("no run to fit factors to, allowed: at least 1")) { try HostFactors([]) }
        #expect(throws: HardwareError("a run to fit factors to has a time of 0.0 s, allowed: a number above 0")) {
            try HostFactors([HostFactors.Run(measured: 0, products: 1, overhead: 1)])
        }
    }
}
