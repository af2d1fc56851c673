import Figures
import MadeUpRuns
import Reports
import Testing

@Suite("Requirements")
struct RequirementTests {
    private static let names =
        Figure.catalogue.flatMap(\.aliases).joined(separator: ", ") + ", and the paths that epsim schema figures lists"

    @Test(arguments: [
        ("balancedness>=0.8", Requirement(.balancedness, .atLeast, 0.8)),
        ("imbalance <= 1.5", Requirement(.rankImbalance, .atMost, 1.5)),
        ("  tokens-per-second\t>1e6 ", Requirement(.tokensPerSecond, .above, 1e6)),
        ("step-seconds<0.02", Requirement(.stepSeconds, .below, 0.02)),
        ("wrong-tokens==0", Requirement(.wrongTokens, .equal, 0)),
        ("expert-cv>-1", Requirement(.expertCV, .above, -1)),
    ])
    func parses(text: String, expected: Requirement) throws {
        #expect(try Requirement(parsing: text) == expected)
        #expect(try Requirement(parsing: expected.description) == expected)
    }

    @Test(arguments: [
        ("balancedness", "requirement 'balancedness' has no operator; allowed are >= <= == > <"),
        ("", "requirement '' has no operator; allowed are >= <= == > <"),
        ("imbalance=1", "requirement 'imbalance=1' has no operator; allowed are >= <= == > <"),
        ("imbalance!=1", "requirement 'imbalance!=1' has no operator; allowed are >= <= == > <"),
        (
            "balance>1",
            "requirement 'balance>1': no figure is called 'balance', did you mean balancedness? allowed are \(names)"
        ),
        (">=1", "requirement '>=1': no figure is called ''; allowed are \(names)"),
        ("maxvio>=much", "requirement 'maxvio>=much': 'much' is not a finite number"),
        ("maxvio>=", "requirement 'maxvio>=': '' is not a finite number"),
        ("maxvio>>1", "requirement 'maxvio>>1': '>1' is not a finite number"),
        ("maxvio>inf", "requirement 'maxvio>inf': 'inf' is not a finite number"),
        ("maxvio>nan", "requirement 'maxvio>nan': 'nan' is not a finite number"),
        (
            "max\u{1B}vio>1",
            "requirement 'max?vio>1': no figure is called 'max?vio', did you mean maxvio? allowed are \(names)"
        ),
    ])
    func refuses(text: String, message: String) {
        #expect(throws: ReportError(.requirement, message)) { try Requirement(parsing: text) }
    }

    @Test func comparesTheFiguresOfTheReport() throws {
        var report = try MadeUpRun.small.report(verification: Verification(wrongTokens: 0, checkedTokens: 30))
        let expected: [(Figure, Double)] = [
            (.rankImbalance, 1.2666666666666666), (.balancedness, 0.8273809523809523), (.expertCV, 0.6904895824995979),
            (.maxvio, 1), (.droppedFraction, 4.0 / 124), (.tokensPerSecond, 500),
            (.communicationShare, 0.00172 / 0.0132),
            (.exposedShare, 0.001 / 0.0132), (.wrongTokens, 0), (.stepSeconds, 0.012),
        ]
        for (name, value) in expected {
            report.check([Requirement(name, .atLeast, value + 1e-9), Requirement(name, .atMost, value + 1e-9)])
        }
        #expect(report.requirements.map(\.isMet) == expected.flatMap { _ in [false, true] })
        #expect(
            report.requirements.last?.description == "requirement step-seconds<=0.012000001: met, actual 0.012"
        )
    }

    @Test(arguments: [(Comparison.atLeast, true), (.atMost, true), (.equal, true), (.above, false), (.below, false)])
    func boundsAreTakenAtTheirWord(comparison: Comparison, isMet: Bool) throws {
        let report = try MadeUpRun.small.report()
        #expect(Requirement(.maxvio, comparison, 1).evaluate(report).isMet == isMet)
    }

    /// A path with a statistic, and the names of the first version.
    @Test(arguments: [
        "load.rank.imbalance.p90<9", "load.dropped.fraction>=0", "tokens_per_second.mean>0", "imbalance>=1",
        "balancedness<=1", "expert-cv>0", "maxvio>0", "dropped-fraction<1", "tokens-per-second>0",
        "communication-share>0",
        "exposed-share<1", "step-seconds<1",
    ])
    func everyNumberMayBeRequired(text: String) throws {
        let requirement = try Requirement(parsing: text)
        #expect(requirement.evaluate(try MadeUpRun.small.report()).isMet, "\(requirement)")
    }

    @Test func aFigureThatIsNotKnownMisses() throws {
        let result = Requirement(.wrongTokens, .equal, 0).evaluate(try MadeUpRun.small.report())
        #expect(!result.isMet)
        #expect(result.actual == nil)
        #expect(result.description == "requirement wrong-tokens==0.0: missed, actual not known")
    }
}
