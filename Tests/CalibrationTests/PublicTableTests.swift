import Foundation
import Records
import TestSupport
import Testing

@testable import Calibration

/// The figures here are those of another implementation of model and fit, in Python with numpy and scipy.
@Suite("Public tables", .enabled(if: SharedData.timings != nil, "this machine has no public tables"))
struct PublicTableTests {
    private func table(_ name: String) throws -> TimingFile {
        let path = try #require(SharedData.timings?.first { $0.hasSuffix("/\(name)") })
        return try TimingFile(csv: String(contentsOfFile: path, encoding: .utf8), name: name)
    }

    @Test("errors with the constants of the profiles, and targets")
    func errors() throws {
        let expected: [(file: String, score: Int, median: Double, p95: Double)] = [
            ("deepep_low_latency_h100.csv", 0, 0.0201, 0.0930), ("deepep_low_latency_h100.csv", 1, 0.0149, 0.0669),
            ("deepep_low_latency_h100.csv", 2, 0.0232, 0.1218), ("deepep_normal_h100.csv", 0, 0.0150, 0.0492),
            ("deepep_normal_h100.csv", 3, 0.0184, 0.0657), ("expert_mlp_decode_h200.csv", 0, 0.0176, 0.0820),
            ("expert_mlp_prefill_h200.csv", 0, 0.0235, 0.0700), ("expert_mlp_prefill_h200.csv", 2, 0.0300, 0.0760),
        ]
        let names = Set(expected.map(\.file)).sorted()
        let report = try Validator(names.map(table), profiles: profiles()).report(crossValidates: false)
        for row in expected {
            let scores = try #require(report.tables.first { $0.file == row.file }).scores
            let errors = scores[row.score].errors
            #expect(abs(errors.median / row.median - 1) < 0.03, "\(row.file) \(scores[row.score].rows)")
            #expect(abs(errors.p95 / row.p95 - 1) < 0.03, "\(row.file) \(scores[row.score].rows)")
            #expect(scores.allSatisfy { $0.isMet != false })
        }
    }

    @Test("errors over folds and of groups left out, kernels")
    func kernels() throws {
        let files = try ["deepep_low_latency_h100.csv", "deepep_normal_h100.csv"].map(table)
        let report = try Validator(files, profiles: profiles()).report(crossValidates: true)
        let folds = report.tables.flatMap { $0.scores.compactMap(\.folds) }
        let expected = [0.0197, 0.0166, 0.0260, 0.0162, 0.0135, 0.0206, 0.0198]
        #expect(folds.count == expected.count)
        for (fold, median) in zip(folds, expected) { #expect(abs(fold.median / median - 1) < 0.03, "\(median)") }
        let groups = Dictionary(uniqueKeysWithValues: (report.heldOut ?? []).map { ($0.rows, $0.errors) })
        #expect(abs((groups["low latency, 4 nodes"]?.p95 ?? 0) / 0.1820 - 1) < 0.03)
        #expect(abs((groups["normal, from 8192 tokens"]?.median ?? 0) / 0.0374 - 1) < 0.03)
        #expect(report.tables.map(\.fittedConstants.count) == [9, 12])
    }
}
