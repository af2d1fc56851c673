import CostModel
import Foundation
import Testing

@testable import Calibration

@Suite("Fits of constants")
struct FitTests {
    /// Rows whose times are those of a hardware whose NIC and launches are other than the profile's.
    private func synthetic(_ hardware: HardwareProfile) throws -> [Observation] {
        var rows = ""
        for nodes in [1, 2, 4] {
            for tokens in [1, 4, 16, 64, 256, 1024] {
                rows += "H100-SXM,\(nodes),\(nodes * 8),7168,8,256,\(tokens),1,1\n"
            }
        }
        let file = try TimingFile(csv: lowLatencyHeader + rows, name: "a")
        var csv = ""
        let texts = rows.split(separator: "\n")
        for (text, row) in zip(texts, file.rows) {
            let observed = try Observation.all(of: row, at: 0, in: "a", on: hardware)
            let times = try observed.seconds(on: hardware).map { "\($0 * 1e6)" }
            csv += text.dropLast(3) + times.joined(separator: ",") + "\n"
        }
        let measured = try TimingFile(csv: lowLatencyHeader + csv, name: "a")
        let profile = try shippedProfile("H100-SXM")
        return try measured.rows.enumerated().flatMap { try Observation.all(of: $1, at: $0, in: "a", on: profile) }
    }

    private let changes: [HardwareConstant: Double] = [
        .nicBandwidth: 40, .lowLatencyDispatchLaunch: 16, .lowLatencyCombineCopy: 250, .lowLatencyCombineFlag: 0.12,
    ]

    @Test("the constants behind the times are found")
    func recovery() throws {
        let profile = try shippedProfile("H100-SXM")
        let truth = try profile.replacing(changes, source: "a test")
        let observations = try synthetic(truth)
        let constants = FitFamily.communication.constants(of: observations, on: profile)
        #expect(constants.count == 9 && constants.contains(.nicBandwidth) && !constants.contains(.linkBandwidth))
        let fitted = try ConstantFit(observations: observations, constants: constants, start: profile).result()
        for constant in constants {
            let bound = constant.rawValue.hasSuffix("floor") ? 0.05 : 0.01
            #expect(abs(fitted[constant] / truth[constant] - 1) < bound, "\(constant.rawValue) \(fitted[constant])")
        }
        #expect(fitted[.linkBandwidth] == profile[.linkBandwidth], "what was not fitted stays")
    }

    @Test("folds see a wrong constant: with it the profile is off, and predictions over folds are not")
    func wrongConstant() throws {
        let profile = try shippedProfile("H100-SXM")
        let observations = try synthetic(profile.replacing([.nicBandwidth: 25], source: "a test"))
        let validation = CrossValidation(observations: observations, .communication, profile)
        func median(_ seconds: [Double]) -> Double {
            ErrorSummary(zip(seconds, observations).map { $0 / $1.measuredSeconds - 1 })?.median ?? 1
        }
        #expect(median(try validation.seconds()) > 0.1)
        #expect(median(try validation.foldSeconds().compactMap(\.self)) < 0.01)
        for score in try validation.heldOutScores() where score.rows.hasPrefix("low latency, from") {
            #expect(score.errors.median < 0.02)
        }
    }

    @Test("the times of a fold do not touch its own predictions, but those of the others")
    func separation() throws {
        let profile = try shippedProfile("H100-SXM")
        func folds(slower: Double) throws -> [(row: Int, seconds: Double?)] {
            let rows = (0..<20).map { row in
                let time = row % 5 == 0 ? 30 * slower : 30
                return "H100-SXM,1,8,7168,8,256,\(1 << (row / 2)),\(time),\(time)"
            }
            let file = try TimingFile(csv: lowLatencyHeader + rows.joined(separator: "\n"), name: "a")
            let observations = try file.rows.enumerated().flatMap { index, row in
                try Observation.all(of: row, at: index, in: "a", on: profile)
            }
            let seconds = try CrossValidation(observations: observations, .communication, profile).foldSeconds()
            return zip(observations, seconds).map { ($0.row, $1) }
        }
        for (before, after) in zip(try folds(slower: 1), try folds(slower: 2)) {
            #expect((before.seconds == after.seconds) == (before.row % 5 == 0), "row \(before.row)")
        }
    }

    @Test("a step solves its equations; a matrix without an inverse gives none")
    func normalEquations() throws {
        let system = NormalEquations(jacobian: [[2, 0, 1], [1, 3, 0]], errors: [1, 2, 3], weights: [1, 1, 2])
        let step = try #require(system.step(damping: 0))
        // [[6, 2], [2, 10]] step = -[8, 7]
        #expect(abs(6 * step[0] + 2 * step[1] + 8) < 1e-12 && abs(2 * step[0] + 10 * step[1] + 7) < 1e-12)
        #expect(
            NormalEquations(jacobian: [[0, 0], [0, 0]], errors: [1, 1], weights: [1, 1]).step(damping: 0) == nil
        )
    }
}
