import Basics
import Foundation
import MoE
import TestSupport
import Testing

@testable import Placement

/// Placements of recorded loads of DeepSeek-V3 against numbers of independent code; `EPSIM_PLACEMENT` and `EPSIM_LOADS`
/// name other folders, and then every case of theirs is tried, else those of one file.
@Suite(.enabled(if: SharedData.hasPlacements, "set EPSIM_PLACEMENT, EPSIM_LOADS and EPSIM_TRACES"))
struct RecordedLoadTests {
    /// Expected numbers of one file at one number of redundant slots and ranks.
    struct Case: CustomTestStringConvertible, Sendable {
        let file: String
        let key: String
        let expected: JSON
        let sizes: [Character: Int]

        var testDescription: String { "\(file) \(key)" }

        /// A case of a key such as `R32_D72` or `R32_D32_g8_n4`.
        init(_ file: String, _ key: String, _ expected: JSON) {
            (self.file, self.key, self.expected) = (file, key, expected)
            var sizes: [Character: Int] = [:]
            for part in key.split(separator: "_") { sizes[part[part.startIndex]] = Int(part.dropFirst()) }
            self.sizes = sizes
        }

        /// The placement of one layer by a policy.
        func placed(
            _ policy: PlacementPolicy,
            _ loads: [Double],
            nodes: Int = 1,
            groups: Int = 1
        ) throws -> LayerPlacement {
            try policy.layerPlacement(
                PlacementProblem(
                    experts: loads.count,
                    slots: loads.count + (sizes["R"] ?? 0),
                    ranks: try #require(sizes["D"]),
                    nodes: nodes,
                    groups: groups,
                    loads: [loads]
                )
            )
        }
    }

    private static let isWhole = ProcessInfo.processInfo.environment["EPSIM_PLACEMENT"] != nil
    private static let goldens: JSON? =
        try? JSON(parsing: String(contentsOfFile: SharedData.placement("imbalance.json"), encoding: .utf8))

    private static func members(_ value: JSON?) -> [(key: String, value: JSON)] {
        if case .members(let members)? = value { members.sorted { $0.key < $1.key } } else { [] }
    }

    static let files = members(goldens?["loads.per_file"]).filter { isWhole || $0.key == "prefill_in4096" }
        .flatMap { file, cases in members(cases).map { Case(file, $0.key, $0.value) } }
        .filter { isWhole || ["R0_D32", "R32_D72", "R64_D64"].contains($0.key) }

    static let transfers = members(goldens?["loads.transfer"]).filter { isWhole || $0.key == "R32_D32_g8_n4" }
        .map { Case("transfer", $0.key, $0.value) }

    private static func loads(_ file: String) throws -> [[Double]] {
        let text = try String(contentsOfFile: SharedData.loads("deepseek-v3.\(file).json"), encoding: .utf8)
        return try JSON(parsing: text).elements("logical_count").map(\.numbers).filter { $0.contains { $0 > 0 } }
    }

    @Test(arguments: files) func figuresAreThoseOfIndependentCode(of golden: Case) throws {
        let loads = try Self.loads(golden.file)
        for (name, wanted) in Self.members(golden.expected) {
            let values = try loads.map { copies -> Double? in
                switch name {
                case "contiguous": Imbalance.evenly(copies, on: try golden.placed(.contiguous, copies))
                case "round_robin": Imbalance.evenly(copies, on: try golden.placed(.roundRobin, copies))
                case "eplb_global": Imbalance.evenly(copies, on: try golden.placed(.eplbGlobal, copies))
                case "lower_bound":
                    Imbalance.lowerBound(
                        copies,
                        slots: copies.count + (golden.sizes["R"] ?? 0),
                        ranks: golden.sizes["D"] ?? 1
                    )
                default:
                    Imbalance.evenly(
                        copies,
                        on: try golden.placed(
                            .eplbHierarchical,
                            copies,
                            nodes: try #require(Int(name.drop { !$0.isNumber })),
                            groups: 8
                        )
                    )
                }
            }
            let found = try #require(Summary(values.compactMap(\.self)))
            for (found, wanted) in zip([found.mean, found.p50, found.p90, found.max], wanted.numbers) {
                #expect(abs(found - wanted) <= 1e-4, "\(golden.testDescription) \(name): \(found) for \(wanted)")
            }
        }
    }

    @Test(arguments: transfers) func placementsOfOtherLoadsAreThoseOfIndependentCode(of golden: Case) throws {
        let files = Self.members(golden.expected).map(\.key).filter { !$0.hasPrefix("_") }
        let (groups, nodes) = (try #require(golden.sizes["g"]), try #require(golden.sizes["n"]))
        var placements: [String: [LayerPlacement]] = [:]
        for file in files {
            placements[file] = try Self.loads(file).map {
                try golden.placed(.eplb, $0, nodes: nodes, groups: groups)
            }
        }
        for (file, row) in Self.members(golden.expected) where !file.hasPrefix("_") {
            for (evaluated, wanted) in Self.members(row) {
                let placed = try #require(placements[file])
                let values = zip(try Self.loads(evaluated), placed).compactMap { Imbalance.evenly($0, on: $1) }
                let mean = values.reduce(0, +) / Double(values.count)
                #expect(abs(mean - (wanted.number ?? 0)) <= 1e-4, "\(golden.key) \(file) \(evaluated): \(mean)")
            }
        }
        let wanted = golden.expected.number("_moved_copies_per_layer_first_to_second_file")
        let (first, second) = (try #require(placements[files[0]]), try #require(placements[files[1]]))
        let moved = zip(first, second).map { ExpertMoves(from: $0, to: $1).count }
        let mean = Double(moved.reduce(0, +)) / Double(moved.count)
        #expect(abs(mean - (wanted ?? 0)) <= 1e-3, "\(golden.key): \(mean) for \(wanted ?? 0)")
    }
}
