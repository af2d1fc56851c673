import Interchange
import Placement
import Settings
import TestSupport
import Testing

@Suite("Placements in the forms of engines")
struct PlacementFileTests {
    /// The example of vLLM's documentation: 6 slots of 4 experts on 2 ranks, two layers.
    private static func example() throws -> Placement {
        try Placement(layers: [
            LayerPlacement(experts: 4, expertOfSlot: [0, 1, 2, 3, 0, 1], ranks: 2),
            LayerPlacement(experts: 4, expertOfSlot: [0, 2, 0, 1, 0, 3], ranks: 2),
        ])
    }

    private static func read(
        _ text: String,
        _ name: String = "map.json",
        layers: Int = 2,
        experts: Int = 4,
        ranks: Int = 2
    ) throws -> (placement: Placement, notes: [String]) {
        let folder = try TemporaryFolder()
        defer { extendLifetime(folder) }
        let file = try PlacementFile.read(folder.write(text.utf8, as: name))
        return try file.placement(layers: layers, experts: experts, ranks: ranks)
    }

    @Test(arguments: PlacementForm.allCases) func everyFormReadsBackWhatItWrote(form: PlacementForm) throws {
        let placement = try Self.example()
        let text = try form.text(of: placement, firstLayer: 3)
        let read = try Self.read(text)
        #expect(read.placement == placement)
        #expect(read.notes.isEmpty == (form != .sglang))
    }

    @Test func vLLMsMapsAreThoseOfItsDocumentation() throws {
        let text = try PlacementForm.vllm.text(of: Self.example(), firstLayer: 0)
        let json = try JSON(parsing: text)
        #expect(
            json["logical_to_physical_map"]
                == (try JSON(
                    parsing: "[[[0,4,-1],[1,5,-1],[2,-1,-1],[3,-1,-1]],[[0,2,4],[3,-1,-1],[1,-1,-1],[5,-1,-1]]]"
                ))
        )
        #expect(json["logical_replica_count"] == (try JSON(parsing: "[[2,2,1,1],[3,1,1,1]]")))
    }

    @Test func tensorRTsYAMLIsReadByLayer() throws {
        let text = """
            initial_global_assignments:
              4: [0, 2, 0, 1, 0, 3]
              3: [0, 1, 2, 3, 0, 1]
            num_slots: 6
            layer_updates_per_iter: 2
            """
        #expect(try Self.read(text, "moe.yaml").placement == Self.example())
    }

    @Test func devicesOfAscendMayHoldDifferentNumbersOfExperts() throws {
        let text = """
            {"moe_layer_count": 1, "layer_list": [{"layer_id": 0, "device_count": 2, "device_list": [
            {"device_id": 1, "device_expert": [1, 3]}, {"device_id": 0, "device_expert": [2, 0, 3]}]}]}
            """
        let placement = try Self.read(text, layers: 1).placement
        #expect(placement[0].experts(onRank: 0) == [2, 0, 3])
        #expect(placement[0].experts(onRank: 1) == [1, 3])
    }

    @Test(arguments: [
        ("[[0, 1, 2, 3, 0, 1]]", "found 1 layers, allowed: 2 MoE layers, as the model has"),
        ("[[0, 1, 2, 3, 0, 1], [0, 2, 0, 1, 0, 4]]", "row 1, slot 5: found expert 4, allowed: 0 to 3"),
        ("[[0, 1, 2, 3, 4, 5], [0, 2, 0, 1, 0, 3]]", "numbers of slots stand where experts are meant"),
        ("[[0, 1, 2, 2, 0, 1], [0, 2, 0, 1, 0, 3]]", "row 0: found no slot of expert 3, allowed: at least 1 for each"),
        ("[[0, 1, 2, 3, 0], [0, 2, 0, 1, 0, 3]]", "row 0: found 5 slots, allowed: as many on each of 2 ranks"),
        ("[[0, 1.5, 2, 3, 0, 1], [0, 2, 0, 1, 0, 3]]", "found 1.5, allowed: a whole number for an expert of row 0"),
        ("{}", "found an object, allowed: a list with an entry for each layer"),
    ])
    func mapsThatDoNotFitNameLayerAndSlot(map: String, message: String) {
        let found = failure { _ = try Self.read("{\"physical_to_logical_map\": \(map)}") } ?? ""
        #expect(found.contains(message), "\(found)")
        #expect(found.contains("map.json"))
    }

    @Test func layersThatDoNotFollowOneAnotherAreRefused() {
        let text = "initial_global_assignments: {3: [0, 1, 2, 3, 0, 1], 5: [0, 2, 0, 1, 0, 3]}\nnum_slots: 6\n"
        #expect(
            failure { _ = try Self.read(text, "moe.yaml") }?.contains("found layer 5 behind layer 3, allowed: ") == true
        )
    }

    /// Two layers in the form of vLLM, whose other maps say the same as the map of slots.
    private static func vllm(
        counts: String = "[[2,2,1,1],[3,1,1,1]]",
        slots: String = "[[[4,0,-1],[1,5],[2],[3]],[[0,2,4],[3,-1,-1],[1,-1,-1],[5,-1,-1]]]"
    ) -> String {
        """
        {"physical_to_logical_map": [[0,1,2,3,0,1],[0,2,0,1,0,3]],
        "logical_replica_count": \(counts),
        "logical_to_physical_map": \(slots)}
        """
    }

    private static func ascend(count: String = "1", devices: String = "2", more: String = "") -> String {
        """
        {"moe_layer_count": \(count), "layer_list": [{"layer_id": 0, "device_count": \(devices), "device_list": [
        {"device_id": 1, "device_expert": [1, 3]\(more)}, {"device_id": 0, "device_expert": [2, 0]}]}]}
        """
    }

    private static func tensorRT(_ slots: String, _ more: String = "layer_updates_per_iter: 0") -> String {
        "initial_global_assignments: {3: [0, 1, 2, 3, 0, 1], 4: [0, 2, 0, 1, 0, 3]}\nnum_slots: \(slots)\n\(more)\n"
    }

    @Test(arguments: [
        (
            vllm(counts: "[[2,2,1,1],[2,1,1,1]]"),
            ":2:38: logical_replica_count, row 1, expert 0: found 2, allowed: 3, as "
        ),
        (
            vllm(counts: "[[2,2,1,1]]"),
            ":2:26: logical_replica_count: found 1 layer, allowed: 2, as physical_to_logical_map"
        ),
        (vllm(counts: "[[2,2,1],[3,1,1,1]]"), ":2:27: logical_replica_count, row 0: found 3 experts, allowed: 4, as "),
        (vllm(counts: "[[2,2,1,1],[3,1,1,1,1]]"), "row 1, expert 4: found 1, allowed: 0, as "),
        (
            vllm(counts: "[[2,2,1,1],[3,1,1,x]]"),
            "found x, allowed: a whole number for logical_replica_count, row 1, expert 3"
        ),
        (
            vllm(slots: "[[[0,4],[1,5],[3],[2]],[[0,2,4],[3],[1],[5]]]"),
            ":3:42: logical_to_physical_map, row 0, expert 2: found the slots [3], allowed: [2], as physical_to_logical_map"
        ),
        (
            vllm(slots: "[[[0,4,4],[1,5],[2],[3]],[[0,2,4],[3],[1],[5]]]"),
            "found the slots [0, 4, 4], allowed: [0, 4], as "
        ),
        (ascend(count: "5"), ":1:21: moe_layer_count: found 5, allowed: 1, as layer_list has"),
        (ascend(devices: "7"), "layer 0, device_count: found 7, allowed: 2, as device_list has"),
        (
            ascend(more: ", \"foo\": 1"),
            "found the key \"foo\" in a device, allowed: device_id, device_expert (vllm-ascend)"
        ),
        (tensorRT("12"), ":2:12: num_slots: found 12, allowed: 6, as layer 3 has"),
        (tensorRT("6", "layer_updates_per_iter: -1"), "layer_updates_per_iter: found -1, allowed: 0 or more"),
        (
            tensorRT("6", "ranks: 2"),
            ":3:1: found the key \"ranks\" in the file, allowed: initial_global_assignments, num_slots, "
        ),
        (
            "{\"experts\": 4, \"slots\": [[0, 1, 2, 3]], \"first_layer\": -1}",
            "first_layer: found -1, allowed: 0 or more"
        ),
        (
            "{\"slots\": [[0, 1, 2, 3]],\n\"foo\": 1}",
            ":2:1: found the key \"foo\" in the file, allowed: experts, ranks, first_layer, slots (epsim)"
        ),
        (
            "{\"physical_to_logical_map\": [[0, 1, 2, 3]], \"logical_count\": [[1, 1, 1, 1]]}",
            "found the key \"logical_count\" in the file, allowed: physical_to_logical_map (sglang)"
        ),
    ])
    func filesThatContradictThemselvesAreRefused(text: String, message: String) {
        let found = failure { _ = try Self.read(text, "map.yaml") } ?? ""
        #expect(found.contains(message), "\(found)")
        #expect(found.contains("map.yaml:"))
    }

    @Test func wholeNumbersMayHaveAPoint() throws {
        let whole = try Self.read(Self.vllm()).placement
        #expect(whole == (try Self.example()))
        let points = Self.vllm(counts: "[[2.0,2,1,1],[3,1.0,1,1e0]]").replacing("[[0,1,2,", with: "[[0.0,1.0,2e0,")
        #expect(try Self.read(points).placement == whole)
        #expect(try Self.read(Self.ascend(count: "1.0", devices: "2.0"), layers: 1).placement[0].ranks == 2)
        for number in ["1.5", "0x1", "inf", "nan", "1e300", "true", "''"] {
            let found = failure { _ = try Self.read("slots: [[0, \(number), 2, 3]]\n", layers: 1) } ?? ""
            #expect(found.contains("allowed: a whole number for an expert of row 0"), "\(number): \(found)")
        }
    }

    @Test func aFileForOtherRanksOrExpertsIsRefused() throws {
        let text = try PlacementForm.epsim.text(of: Self.example(), firstLayer: 0)
        #expect(
            failure { _ = try Self.read(text, ranks: 3) }?.contains("found 2 ranks, allowed: 3, as the cluster has")
                == true
        )
        #expect(
            failure { _ = try Self.read(text, experts: 5) }?.contains("found 4 experts, allowed: 5, as the model has")
                == true
        )
        #expect(
            failure { _ = try Self.read("{\"a\": 1}") }?.contains("found the keys a, allowed: slots (epsim)") == true
        )
    }
}
