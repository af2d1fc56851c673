import Foundation
import MoE
import Tensors
import Testing

@testable import Workloads

/// Popularity that changes over time.
@Suite struct PopularityChangeTests {
    private func workload(
        _ kind: PopularityChange.Kind?,
        period: Int = 8,
        seed: UInt64 = 1,
        experts: Int = 16
    )
        -> SyntheticWorkload
    {
        SyntheticWorkload(
            distribution: .zipf(exponent: 1),
            seed: 3,
            change: kind.map { PopularityChange(kind: $0, period: period, seed: seed, factor: 100) },
            tokensPerStep: 2000,
            model: model(layers: 2, experts: experts)
        )
    }

    private func shares(_ workload: SyntheticWorkload, _ step: Int, layer: Int = 0) -> [Double] {
        workload.shares(step: step, layer: layer, choices: 1)
    }

    @Test func rotationPassesPopularityOn() {
        let rotating = workload(.rotate)
        let first = shares(rotating, 0)
        #expect(shares(rotating, 7) == first)
        let second = shares(rotating, 8)
        #expect(second != first)
        #expect(zip(second.sorted(), first.sorted()).allSatisfy { abs($0 - $1) < 1e-12 })
        // The hottest expert moves by the same distance each time.
        func hottest(_ step: Int) -> Int {
            shares(rotating, step).indices.max { shares(rotating, step)[$0] < shares(rotating, step)[$1] } ?? 0
        }
        let distance = (hottest(8) - hottest(0) + 16) % 16
        #expect(distance > 0)
        #expect((hottest(16) - hottest(8) + 16) % 16 == distance)
    }

    @Test func driftMovesEvenlyFromDrawToDraw() {
        let drifting = workload(.drift, period: 10)
        // With one choice, shares are popularities: their logarithms lie on a line but for a common summand.
        func logarithm(_ step: Int) -> Double { log(shares(drifting, step)[3] / shares(drifting, step)[5]) }
        let (start, end) = (logarithm(10), logarithm(20))
        #expect(start != end)
        for step in 10...20 {
            #expect(abs(logarithm(step) - (start + Double(step - 10) / 10 * (end - start))) < 1e-9, "step \(step)")
        }
        #expect(
            zip(shares(drifting, 0), workload(nil).shares(step: 0, layer: 0, choices: 1)).allSatisfy {
                abs($0 - $1) < 1e-9
            }
        )
    }

    @Test func aBurstHeatsOneExpertForAQuarter() {
        let bursting = workload(.burst)
        let plain = shares(workload(nil), 0)
        for period in 0..<6 {
            let hot = (0..<8).filter { shares(bursting, period * 8 + $0) != plain }
            #expect(hot.count == 2 && hot[1] == hot[0] + 1, "period \(period): \(hot)")
            let burst = shares(bursting, period * 8 + hot[0])
            // Popularity times 100, of the sum with it: one expert alone gains.
            #expect(zip(burst, plain).count { $0 > $1 } == 1, "period \(period)")
        }
    }

    @Test func theSeedDecides() {
        for kind in [PopularityChange.Kind.drift, .rotate, .burst] {
            let steps = (0..<64)
            func all(_ seed: UInt64) -> [[Double]] { steps.map { shares(workload(kind, seed: seed), $0) } }
            #expect(all(1) == all(1), "\(kind)")
            #expect((2...9).contains { all($0) != all(1) }, "\(kind)")
            #expect(steps.map { shares(workload(kind), $0, layer: 1) } != all(1), "\(kind)")
        }
    }

    /// What is drawn follows what is expected, in every step.
    @Test(arguments: [PopularityChange.Kind.drift, .rotate, .burst])
    func drawsFollow(kind: PopularityChange.Kind) throws {
        let workload = workload(kind)
        for step in stride(from: 0, to: 24, by: 3) {
            guard case .logits(let logits) = try workload.gate(step: step, layer: 0) else {
                return #expect(Bool(false))
            }
            var counts = [Double](repeating: 0, count: 16)
            for token in 0..<logits.rows {
                let row = Array(logits.row(token))
                counts[row.indices.max { row[$0] < row[$1] } ?? 0] += 1
            }
            for (count, share) in zip(counts, shares(workload, step)) {
                #expect(
                    abs(count / 2000 - share) < 6 * (share * (1 - share) / 2000).squareRoot(),
                    "\(kind), step \(step)"
                )
            }
        }
    }
}
