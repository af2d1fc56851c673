import Basics
import Foundation
import TestSupport
import Testing

@testable import Placement

/// Maps of DeepSeek's own code; other files can be tried by naming their folder in `EPSIM_PLACEMENT`. Those of DeepSeek-V3
/// need its loads, which are in no package.
@Suite struct EPLBTests {
    /// A case of the file of goldens.
    struct Case: CustomTestStringConvertible, Sendable {
        let golden: JSON
        let weights: [[Double]]

        var testDescription: String { golden.string("name") ?? "?" }

        func problem(_ layer: Int) throws -> PlacementProblem {
            try PlacementProblem(
                experts: weights[layer].count,
                slots: try #require(golden["num_replicas"]?.int),
                ranks: try #require(golden["num_gpus"]?.int),
                nodes: try #require(golden["num_nodes"]?.int),
                groups: try #require(golden["num_groups"]?.int),
                loads: [weights[layer]]
            )
        }

        func balanced() throws -> [EPLB.Slots] {
            try weights.indices.map { layer in
                let balancer = try EPLB(problem(layer))
                return golden.string("policy") == "global" ? balancer.global() : try balancer.hierarchical()
            }
        }
    }

    static let goldens: JSON? = {
        let places = [
            SharedData.placement("eplb_goldens.json"), packageFolder("Tests/Fixtures/placement/eplb_goldens.json"),
        ]
        let text = places.lazy.compactMap { try? String(contentsOfFile: $0, encoding: .utf8) }.first
        return text.flatMap { try? JSON(parsing: $0) }
    }()

    static let small = (goldens?.elements("small") ?? []).map {
        Case(golden: $0, weights: $0.elements("weight").map(\.numbers))
    }

    static let ofDeepSeekV3: [Case] = {
        var files: [String: [[Double]]] = [:]
        return (goldens?.elements("deepseek_v3") ?? []).map { golden in
            let file = String(golden.string("source")?.prefix { $0 != " " } ?? "")
            if files[file] == nil {
                let text = try? String(contentsOfFile: SharedData.loads(file), encoding: .utf8)
                let loads = text.flatMap { try? JSON(parsing: $0) }?.elements("logical_count").map(\.numbers) ?? []
                files[file] = Array(loads.dropFirst(3))
            }
            return Case(golden: golden, weights: files[file] ?? [])
        }
    }()

    @Test func goldensAreThere() { #expect(Self.small.count >= 20) }

    @Test(arguments: small) func smallMapsAreEqual(of golden: Case) throws {
        let slots = try golden.balanced()
        #expect(
            slots.map { $0.experts.map(Double.init) }
                == golden.golden.elements("physical_to_logical_map").map(\.numbers)
        )
        for (layer, ofLayer) in golden.golden.elements("logical_to_physical_map").enumerated() {
            for (expert, expected) in ofLayer.array.enumerated() {
                let held = slots[layer].experts.indices.filter { slots[layer].experts[$0] == expert }
                    .sorted { slots[layer].replicas[$0] < slots[layer].replicas[$1] }
                #expect(held == expected.array.compactMap(\.int).filter { $0 >= 0 })
            }
        }
        #expect(Self.hash(slots) == golden.golden.string("fnv1a64_physical_to_logical_map"))
        for (layer, imbalance) in golden.golden.elements("rank_max_over_mean_even").enumerated() {
            let placement = try LayerPlacement(
                experts: golden.weights[layer].count,
                expertOfSlot: slots[layer].experts,
                ranks: golden.problem(layer).ranks
            )
            let found = Imbalance.evenly(golden.weights[layer], on: placement)
            #expect(found.map { ($0 * 1e6).rounded() } == imbalance.number.map { ($0 * 1e6).rounded() })
        }
    }

    @Test(.enabled(if: SharedData.hasPlacements, "set EPSIM_PLACEMENT and EPSIM_LOADS"), arguments: ofDeepSeekV3)
    func mapsOfDeepSeekV3AreEqual(of golden: Case) throws {
        try #require(golden.weights.count == 58)
        let slots = try golden.balanced()
        #expect(Self.hash(slots) == golden.golden.string("fnv1a64_physical_to_logical_map"))
        guard case .members(let rows)? = golden.golden["rows"] else { return }
        for (row, expected) in rows {
            let layer = try #require(Int(row))
            #expect(slots[layer - 3].experts.map(Double.init) == expected.numbers)
        }
    }

    /// FNV-1a of 64 bits over the maps as little-endian numbers of 16 bits.
    private static func hash(_ slots: [EPLB.Slots]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for expert in slots.flatMap(\.experts) {
            for byte in [UInt64(expert & 255), UInt64(expert >> 8)] { hash = (hash ^ byte) &* 0x100_0000_01b3 }
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
