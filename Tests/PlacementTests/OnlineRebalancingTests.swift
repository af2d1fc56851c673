import Foundation
import TestSupport
import Testing

@testable import Placement

/// Rebalancing every four steps of 512 tokens on one stream of three tasks, against EPLB built anew from the last four
/// steps: the second half of intent, then law, then summary, from EPLB's placement of intent's first half.
///
/// Every second layer, as the published numbers have it. `EPSIM_PLACEMENT` tries all of the sizes, else one.
@Suite(.enabled(if: SharedData.hasPlacements, "set EPSIM_PLACEMENT, EPSIM_LOADS and EPSIM_TRACES"))
struct OnlineRebalancingTests {
    struct Size: CustomTestStringConvertible, Sendable {
        let redundant: Int
        let ranks: Int
        /// The imbalance of EPLB that stands still, and of EPLB every four steps, by independent code.
        let published: (still: Double, online: Double)?

        var testDescription: String { "R\(redundant) D\(ranks)" }
    }

    private static let isWhole = ProcessInfo.processInfo.environment["EPSIM_PLACEMENT"] != nil

    static let sizes: [Size] = {
        let all = [
            Size(redundant: 16, ranks: 8, published: (1.303, 1.168)),
            Size(redundant: 32, ranks: 16, published: (1.623, 1.308)),
            Size(redundant: 16, ranks: 16, published: nil), Size(redundant: 32, ranks: 8, published: nil),
            Size(redundant: 32, ranks: 32, published: (2.203, 1.582)),
            Size(redundant: 64, ranks: 8, published: nil), Size(redundant: 64, ranks: 16, published: nil),
            Size(redundant: 64, ranks: 32, published: (2.156, 1.524)),
            Size(redundant: 64, ranks: 64, published: (3.337, 2.017)),
        ]
        return isWhole ? all : Array(all.prefix(1))
    }()

    /// Copies of each expert in the four steps before the stream, and in its steps, `[layers][steps][experts]`.
    private static let stream: Result<[[[Int]]], any Error> = Result {
        let tasks = try ["intent", "law", "summary"].map { try RecordedRouting(path: SharedData.trace($0)) }
        return stride(from: 0, to: tasks[0].layers, by: 2).map { layer in
            let half = tasks[0].tokens / 2
            var steps = stride(from: half - 8 * 512, through: tasks[0].tokens - 512, by: 512).map {
                tasks[0].counts($0..<$0 + 512, layer)
            }
            for task in tasks.dropFirst() {
                steps += stride(from: 0, through: task.tokens - 512, by: 512).map { task.counts($0..<$0 + 512, layer) }
            }
            return steps.map { $0.map { Int($0) } }
        }
    }

    private struct Outcome {
        var sum = 0.0
        var steps = 0
        var copies = 0

        var mean: Double { sum / Double(steps) }

        mutating func score(_ step: [Int], on placement: LayerPlacement) {
            sum += Imbalance.evenly(step.map { Double($0) }, on: placement) ?? 1
            steps += 1
        }
    }

    @Test(arguments: sizes) func itIsAsGoodAsEPLBWithFewOfItsMoves(size: Size) throws {
        var (still, online, own) = (Outcome(), Outcome(), Outcome())
        for steps in try Self.stream.get() {
            func eplb(_ loads: ArraySlice<[Int]>) throws -> LayerPlacement {
                let problem = try PlacementProblem(
                    experts: 64,
                    slots: 64 + size.redundant,
                    ranks: size.ranks,
                    loads: loads.map { $0.map { Double($0) } }
                )
                return try PlacementPolicy.eplbGlobal.layerPlacement(problem)
            }
            let start = try eplb(steps[..<8])
            var rules = RebalanceRules()
            (rules.trigger, rules.interval, rules.window) = (.interval, 4, 5)
            var rebalancer = Rebalancer(rules, policy: .busiestRank, placement: try Placement(layers: [start]))
            for step in steps[3..<8] { rebalancer.observe([step]) }
            var rebuilt = start
            for index in 8..<steps.count {
                if index.isMultiple(of: 4) {
                    let next = try eplb(steps[index - 4..<index])
                    online.copies += ExpertMoves(from: rebuilt, to: next).count
                    rebuilt = next
                }
                for change in rebalancer.next() {
                    own.copies += change.moves.count
                    rebalancer.switched(layer: change.layer)
                }
                still.score(steps[index], on: start)
                online.score(steps[index], on: rebuilt)
                own.score(steps[index], on: rebalancer.placement[0])
                rebalancer.observe([steps[index]])
            }
        }
        #expect(own.mean <= 1.01 * online.mean, "\(own.mean) for \(online.mean)")
        #expect(Double(own.copies) <= 0.15 * Double(online.copies), "\(own.copies) for \(online.copies)")
        #expect(own.mean < still.mean)
        if Self.isWhole {
            print(
                "\(size.testDescription): still \(still.mean), EPLB \(online.mean), own \(own.mean), copies",
                Double(own.copies) / Double(online.copies)
            )
            if let published = size.published {
                // Blocks of tokens may begin elsewhere there.
                #expect(abs(still.mean - published.still) < 0.02 && abs(online.mean - published.online) < 0.05)
            }
        }
    }
}
