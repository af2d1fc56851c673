import CostModel
import Foundation
import TestSupport
import Testing

@testable import Calibration

@Suite("Scores")
struct ValidatorTests {
    private func published(_ change: [HardwareConstant: Double] = [:], folds: Bool = false) throws -> ValidationReport {
        let path = packageFolder("configs/validation/deepep_published_h800.csv")
        let file = try TimingFile(csv: String(contentsOfFile: path, encoding: .utf8), name: "h800.csv")
        let profile = try shippedProfile("H800-SXM").replacing(change, source: "a test")
        return try Validator([file], profiles: ["H800": profile]).report(crossValidates: folds)
    }

    @Test("DeepEP's own table is predicted within its target")
    func target() throws {
        let table = try #require(try published().tables.first)
        #expect(table.rows == 7 && table.hardware == ["H800-SXM"] && table.fittedConstants == [.linkBandwidth])
        let all = try #require(table.scores.first)
        #expect(all.errors.count == 14 && all.isMet == true)
        #expect(all.errors.median < 0.045 && all.errors.largest < 0.14)
        #expect(all.worst.line == 5 && all.worst.figure == .dispatch && all.worst.error < 0)
    }

    @Test("a wrong constant misses it")
    func wrong() throws {
        let scores = try published([.nicBandwidth: 20]).tables[0].scores
        #expect(scores[0].isMet == false && scores[0].errors.bias > 0.2)
        #expect(try published([.lowLatencyDispatchLaunch: 60]).tables[0].scores[0].isMet == false)
    }

    @Test("the same input gives the same bytes; folds only where asked for")
    func determinism() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let first = try encoder.encode(published(folds: true))
        #expect(try encoder.encode(published(folds: true)) == first)
        let plain = try published()
        #expect(plain.heldOut == nil && plain.predictions.allSatisfy { $0.foldError == nil })
        #expect(try published(folds: true).tables[0].scores[0].folds?.count == 14)
    }

    @Test("rows beyond the range that was checked say so")
    func range() throws {
        #expect(
            try published().predictions.allSatisfy { $0.notes.count == 1 && $0.notes[0].contains("H800-SXM, whose") }
        )
        let inside = try predictions(lowLatencyHeader + "H100-SXM,2,16,7168,8,256,64,20.5,30")
        #expect(inside.allSatisfy { $0.notes.isEmpty })
        let outside = try predictions(lowLatencyHeader + "H100-SXM,8,64,4096,8,256,64,20.5,30")
        #expect(
            outside[0].notes == [
                "communication beyond what was checked: hidden 4096 (checked: 7168); nodes 8 (checked: 1 to 4); "
                    + "may be off by 25 %"
            ]
        )
    }

    @Test("median, percentile and bias")
    func summary() throws {
        let errors = try #require(ErrorSummary([-0.4, 0.1, 0.2, -0.3, 0.0]))
        #expect(errors.count == 5 && errors.median == 0.2 && errors.largest == 0.4 && errors.bias == 0.0)
        #expect(abs(errors.p95 - 0.38) < 1e-12)
        #expect(ErrorSummary([]) == nil)
        let target = ErrorTarget(median: 0.2, p95: nil, largest: 0.4)
        #expect(target.isMet(by: errors, folds: nil) && target.isMet(by: errors, folds: errors))
        let worse = try #require(ErrorSummary([0.27]))
        #expect(!target.isMet(by: errors, folds: worse))
        #expect(!ErrorTarget(median: 0.2, p95: 0.3, largest: nil).isMet(by: errors, folds: nil))
    }
}

@Suite("Predictions grow with tokens")
struct MonotonicTests {
    private static let tokens = (0..<15).map { 1 << $0 }

    @Test("kernels", arguments: [1, 2, 4, 8])
    func kernels(nodes: Int) throws {
        let gpus = nodes * 8
        let lowLatency = Self.tokens.map { "H100-SXM,\(nodes),\(gpus),7168,8,256,\($0),1,1" }
        let normal = Self.tokens.map { "H100-SXM,\(nodes),\(gpus),7168,8,256,\($0),20,1,1" }
        for csv in [
            lowLatencyHeader + lowLatency.joined(separator: "\n"), normalHeader + normal.joined(separator: "\n"),
        ] {
            let rows = try predictions(csv)
            for figure in [TimingFigure.dispatch, .combine] {
                let times = rows.filter { $0.figure == figure }.map(\.predictedUs)
                #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 }, "\(figure)")
            }
        }
    }

    @Test("expert products", arguments: [("prefill", "uniform"), ("decode", "uniform"), ("decode", "power_law_1.2")])
    func experts(phase: String, routing: String) throws {
        // With 16 or 32 copies in all, the benchmark's rounding puts every one on the same rank.
        for gpus in [2, 16, 128] {
            let rows = Self.tokens.dropFirst(2).map {
                "H200-SXM,\(phase),fp8_block,7168,2048,8,256,\(gpus),\($0 * gpus),\(routing),1"
            }
            let times = try predictions(expertHeader + rows.joined(separator: "\n")).map(\.predictedUs)
            // Random draws differ from size to size.
            #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 * 1.005 }, "\(gpus) ranks")
        }
    }
}
