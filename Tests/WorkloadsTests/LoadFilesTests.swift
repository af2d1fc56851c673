import MoE
import TestSupport
import Testing

@testable import Workloads

/// Files of expert loads in all their forms.
@Suite struct LoadFilesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(_ name: String, _ text: String, step: Int? = nil) throws(WorkloadError) -> ExpertLoadFile {
        guard let path = try? folder.write(Array(text.utf8), as: name) else {
            throw WorkloadError(file: name, message: "cannot be written")
        }
        return try ExpertLoadFile.open(path: path, step: step)
    }

    /// Copies of each expert, layer by layer.
    private func counts(_ file: ExpertLoadFile) -> [[Double]] {
        file.layers.map { layer in layer.shares.map { ($0 * layer.total * 1e6).rounded() / 1e6 } }
    }

    private static let steps = #"{"rank": 0, "logical_count": [[[5,1,2,3],[1,1,1,1]],[[3,3,2,1],[4,0,0,0]]]}"#

    /// As SGLang's loader sums them: 8 4 4 4 and 5 1 1 1.
    @Test func stepsAreSummedOrOneIsTaken() throws {
        let file = try open("steps.json", Self.steps)
        #expect(counts(file) == [[8, 4, 4, 4], [5, 1, 1, 1]])
        #expect(
            file.notes == [
                "logical_count holds 2 recorded steps, whose loads are summed; workload.recorded_step takes one"
            ]
        )
        let second = try open("steps.json", Self.steps, step: 1)
        #expect(counts(second) == [[3, 3, 2, 1], [4, 0, 0, 0]] && second.notes == [])
        #expect(
            refusal { () throws(WorkloadError) in _ = try open("steps.json", Self.steps, step: 2) }
                == "workload.recorded_step: found 2, allowed: 0 to 1, the steps of logical_count"
        )
        #expect(
            refusal { () throws(WorkloadError) in _ = try open("a.json", #"{"logical_count": [[1,2]]}"#, step: 0) }
                == "workload.recorded_step: found 0, but logical_count has no steps, its shape is [1, 2]"
        )
    }

    @Test func aBareListIsRead() throws {
        #expect(counts(try open("bare.json", "[[1,2],[3,4]]")) == [[1, 2], [3, 4]])
    }

    /// Six slots of four experts: 0 and 1 have two in layer 0, 0 has three in layer 1.
    private static let map = "[[0,1,2,3,0,1],[0,2,0,1,0,3]]"

    @Test func physicalCountsMayStandBesideLogicalOnes() throws {
        let both = #"{"logical_count": [[5,2]], "physical_count": [[1,2,4]], "phy2log": [[0,1,0]]}"#
        #expect(try open("both.json", both).layers.map(\.total) == [7])
        // Without a map there is nothing to hold them against.
        let alone = #"{"logical_count": [[5,2]], "physical_count": [[1,2,4]]}"#
        #expect(try open("alone.json", alone).layers.map(\.total) == [7])
    }

    @Test func physicalCountsGoByTheirMap() throws {
        for name in ["global_physical_count", "expert_load_window", "expert_load_pass"] {
            let text = #"{"\#(name)": [[2,1,2,3,1,2],[1,1,2,1,3,1]], "physical_to_logical_map": \#(Self.map)}"#
            #expect(counts(try open("\(name).json", text)) == [[3, 3, 2, 3], [6, 1, 1, 1]])
        }
        // vLLM's example of the same map, the other way round.
        let inverse = "[[[0,4,-1],[1,5,-1],[2,-1,-1],[3,-1,-1]],[[0,2,4],[3,-1,-1],[1,-1,-1],[5,-1,-1]]]"
        let other = #"{"expert_load_pass": [[2,1,2,3,1,2],[1,1,2,1,3,1]], "logical_to_physical_map": \#(inverse)}"#
        #expect(counts(try open("inverse.json", other)) == [[3, 3, 2, 3], [6, 1, 1, 1]])
        // A map for each step.
        let both = #"{"expert_load_window": [[[1,2]],[[1,2]]], "physical_to_logical_map": [[[0,1]],[[1,0]]]}"#
        #expect(counts(try open("both.json", both)) == [[3, 3]])
    }

    @Test func passesOfARecorderAreSummed() throws {
        let text = """
            {"records": [{"global_physical_count": [[2,1,2,3,1,2]]}, {"global_physical_count": [[1,1,1,1,1,1]]}],
             "last_physical_to_logical_map": [[0,1,2,3,0,1]]}
            """
        let file = try open("passes.json", text)
        #expect(counts(file) == [[5, 5, 3, 4]])
        #expect(file.notes.count == 2 && file.notes[0].contains("the map after the last"))
    }

    /// The same numbers as torch.save wrote them.
    @Test func dumpsOfTorchAreRead() throws {
        let folder = packageFolder("Tests/TensorsTests/Fixtures")
        #expect(counts(try ExpertLoadFile.open(path: "\(folder)/recorder.pt")) == [[8, 4, 4, 4], [5, 1, 1, 1]])
        #expect(
            counts(try ExpertLoadFile.open(path: "\(folder)/recorder.pt", step: 1)) == [[3, 3, 2, 1], [4, 0, 0, 0]]
        )
        // Slots 2 1 2 3 1 2 and six times 1, and one more in each pass: by the maps above.
        #expect(counts(try ExpertLoadFile.open(path: "\(folder)/passes.pt")) == [[15, 15, 9, 12], [18, 6, 6, 6]])
        #expect(refusal { () throws(WorkloadError) in _ = try ExpertLoadFile.open(path: "\(folder)/calls.pt") } != nil)
    }

    @Test func tensorsAreRead() throws {
        let path = try folder.write(floats: [("anything", [2, 2], [1, 2, 3, 4])])
        let alone = try ExpertLoadFile.open(path: path)
        #expect(counts(alone) == [[1, 2], [3, 4]])
        #expect(
            alone.notes
                == ["t.safetensors holds \"anything\" alone, which is taken for the copies of each expert"]
        )
        let counted = try folder.write(
            "i.safetensors",
            integers: [("logical_count", [2, 2], [1, 2, 3, 4]), ("other", [1], [9])]
        )
        #expect(counts(try ExpertLoadFile.open(path: counted)) == [[1, 2], [3, 4]])
    }

    /// Whatever stands beside the loads and is not read is said, in JSON as in tensors.
    @Test(arguments: [
        (#""attention_mask": [1]"#, "attention_mask"), (#""rank": 3, "of": "x""#, "of"),
        (#""physical_to_logical_map": [[0, 1]]"#, "physical_to_logical_map"),
        (#""a": {"b": null}, "physical_count": [[1, 2]]"#, "a and physical_count"),
        (
            #""records": [{"global_physical_count": [[1, 2]], "pass": 0}]"#,
            "records.0.global_physical_count and records.0.pass"
        ),
    ])
    func whatIsNotReadIsNoted(others: String, names: String) throws {
        let file = try open("loads.json", "{\"logical_count\": [[1, 2], [3, 4]], \(others)}")
        #expect(counts(file) == [[1, 2], [3, 4]])
        #expect(file.notes == ["loads.json holds \(names), not read beside logical_count"])
        let path = try folder.write(
            "t.safetensors",
            integers: [("logical_count", [1, 2], [1, 2]), ("attention_mask", [1], [1])]
        )
        #expect(
            try ExpertLoadFile.open(path: path).notes
                == ["t.safetensors holds attention_mask, not read beside logical_count"]
        )
    }

    /// A map says which experts stand where: its numbers are no copies, whatever the form of the file.
    @Test(
        arguments: LoadNames.maps + LoadNames.inverseMaps + [
            "records.0.physical_to_logical_map", "model.phy2log",
        ]
    )
    func aMapAloneIsNoLoads(name: String) throws {
        let tensors = try folder.write(integers: [(name, [1, 4], [0, 1, 2, 3])])
        let array = try folder.write(npy("[1, 4]", [0, 1, 2, 3]), as: "\(name).npy")
        for path in [tensors, array] {
            let refused = refusal { () throws(WorkloadError) in _ = try ExpertLoadFile.open(path: path) }
            #expect(
                refused
                    == "holds no loads, allowed: logical_count or global_physical_count; it holds \"\(name)\""
            )
        }
        guard !name.contains(".") else { return }
        for text in [#"{"\#(name)": [[0,1,2,3]]}"#, #"{"records": [{"\#(name)": [[0,1,2,3]]}]}"#] {
            let refused = refusal { () throws(WorkloadError) in _ = try open("map.json", text) }
            #expect(refused?.hasPrefix("holds no loads, allowed: ") == true, "\(refused ?? "read")")
        }
    }

    /// A file of one array without a name holds what it is given for.
    @Test func anArrayWithoutANameIsRead() throws {
        let file = try ExpertLoadFile.open(path: folder.write(npy("[2, 2]", [1, 2, 3, 4]), as: "mine.npy"))
        #expect(counts(file) == [[1, 2], [3, 4]] && file.notes == [])
    }

    /// A .npy file of bytes.
    private func npy(_ shape: String, _ values: [UInt8]) -> [UInt8] {
        let shape = "(" + shape.dropFirst().dropLast() + ")"
        let header = Array("{'descr': '|u1', 'fortran_order': False, 'shape': \(shape), }".utf8)
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count), 0] + header + values
    }

    /// As many passes as a recorder keeps: each is found by its name at once.
    @Test func manyPassesAreSummed() throws {
        let passes = 10_000
        let records = (0..<passes).map { #"{"physical_count": [[\#($0 % 7),1]]}"# }.joined(separator: ",")
        let file = try open("many.json", #"{"records": [\#(records)], "phy2log": [[1,0]]}"#)
        #expect(counts(file) == [[10_000, Double((0..<passes).reduce(0) { $0 + $1 % 7 })]])
    }

    @Test func whatIsMissingInCSVIsNamed() throws {
        let head = "step,layer,expert,count\n"
        let rows = (4...6).flatMap { step in
            (0...1).flatMap { layer in (0...1).map { "\(step),\(layer),\($0),\(step)\n" } }
        }
        #expect(try open("all.csv", head + rows.joined()).notes.allSatisfy { !$0.contains("not in") })
        let few = try open("few.csv", head + rows.filter { $0 != "5,1,0,5\n" }.joined())
        #expect(
            few.notes.contains("1 row is not in few.csv, the first of step 5, layer 1, expert 0: taken for no tokens")
        )
        #expect(
            refusal { () throws(WorkloadError) in
                _ = try open("step.csv", head + rows.filter { !$0.hasPrefix("5,1") }.joined())
            } == "step 5 has no row of layer 1, which step 4 has, allowed: rows of the same layers in each step"
        )
        // Steps go by their numbers, as layers do.
        #expect(counts(try open("all.csv", head + rows.joined(), step: 6)) == [[6, 6], [6, 6]])
        #expect(
            refusal { () throws(WorkloadError) in _ = try open("all.csv", head + rows.joined(), step: 1) }
                == "workload.recorded_step: found 1, allowed: 4, 5, 6, the steps of count"
        )
    }

    @Test func loadsThatAreNoCountsAreNamed() throws {
        let csv = try open("f.csv", "layer,expert,count\r3,0,2.5\r3,1,1.0\r3,2,0.5\r")
        #expect(counts(csv) == [[2.5, 1, 0.5]])
        #expect(
            csv.notes == [
                "2 loads of f.csv are no whole number, the first 2.5 of layer 3, expert 0: taken as shares of a layer"
            ]
        )
        let json = try open("f.json", #"{"logical_count": [[[1, 2]], [[1.5, 2.0]]]}"#)
        #expect(
            json.notes.contains { $0.hasPrefix("1 load of f.json is no whole number, the first 1.5 of step 1, row 0") }
        )
    }

    @Test func rowsOfCSVNeedNotBeAll() throws {
        let file = try open("l.csv", "\u{FEFF}layer,expert,count\r\n4,0,3\r\n4,2,1\r\n3,1,5\r\n")
        #expect(file.layers.map(\.number) == [3, 4] && file.leavesOutZeros)
        #expect(counts(file) == [[0, 5, 0], [3, 0, 1]])
        let steps = "step,layer_id,expert_id,tokens,rank\n7,0,0,1,0\n7,0,1,2,0\n9,0,0,10,1\n"
        #expect(counts(try open("s.csv", steps)) == [[11, 2]])
        #expect(counts(try open("s.csv", steps, step: 9)) == [[10, 0]])
        #expect(try open("s.csv", steps).notes.contains { $0.contains("\"rank\" is not read") })
        // Experts behind the last of the file have no tokens.
        let path = try folder.write(Array("layer,expert,count\n3,0,1\n3,1,1\n".utf8), as: "few.csv")
        let loads = try LoadsWorkload(
            path: path,
            tokensPerStep: 4,
            model: model(experts: 4),
            topK: 1,
            limit: nil,
            seed: 1
        )
        #expect(loads.shares(step: 0, layer: 0, choices: 1) == [0.5, 0.5, 0, 0])
    }

    @Test func layersAreChosenByTheirNumbers() throws {
        let path = try folder.write(Array(#"{"logical_count": [[0,0],[1,3],[2,2],[3,1]]}"#.utf8), as: "n.json")
        func open(_ choice: String?, _ layers: Int) throws(WorkloadError) -> LoadsWorkload {
            try LoadsWorkload(
                path: path,
                tokensPerStep: 4,
                model: model(layers: layers, experts: 2),
                topK: 1,
                limit: nil,
                layers: choice.flatMap { LayerChoice($0) },
                seed: 1
            )
        }
        #expect(try open("3,1", 2).shares(step: 0, layer: 0, choices: 1) == [0.75, 0.25])
        let first = try open(nil, 1)
        #expect(first.shares(step: 0, layer: 0, choices: 1) == [0.25, 0.75])
        #expect(
            first.notes.first == "layer 0 of n.json has no tokens, as dense layers have none, and is left out"
        )
        #expect(first.notes.last?.contains("has loads of 3 layers, model.layers is 1: taken are 1;") == true)
        func refused(_ choice: String, _ layers: Int) -> String? {
            refusal { () throws(WorkloadError) in _ = try open(choice, layers) }
        }
        #expect(refused("4", 1) == "workload.layers: found 4, allowed: its layers, 0, 1, 2, 3")
        #expect(refused("0", 1) == "workload.layers: layer 0 has no tokens, as dense layers have none")
        #expect(
            refusal { () throws(WorkloadError) in _ = try open(nil, 4) }
                == "holds 4 layers, of which 0 has no tokens, as dense layers have none; 3 are left, but model.layers is 4"
        )
        #expect(refused("1-2", 1) == "workload.layers names 2 layers, but model.layers is 1")
    }

    @Test(arguments: [
        (
            "a.json", #"{"global_physical_count": [[1,2]]}"#,
            "global_physical_count counts physical slots; the experts in these are needed, as physical_to_logical_map"
        ),
        (
            "a.json", #"{"physical_count": [[1,2]], "phy2log": [[0,1,0]]}"#,
            "phy2log has shape [1, 3], allowed: [1, 2], as physical_count has it"
        ),
        (
            "a.json", #"{"physical_count": [[1,2]], "phy2log": [[0,2]]}"#,
            "phy2log, row 0: no slot holds expert 1; each of 3 experts needs one"
        ),
        (
            "a.json", #"{"physical_count": [[1,2]], "phy2log": [[0,-1]]}"#,
            "phy2log, row 0, slot 1: found -1.0, allowed: an expert from 0"
        ),
        (
            "a.json", #"{"logical_count": [1,2]}"#,
            "logical_count has shape [2], allowed: [layers][experts] or [steps][layers][experts]"
        ),
        ("a.json", #"{"logical_count": [[[[1]]]]}"#, "allowed: JSON with logical_count"),
        (
            "a.json", #"{"expert_load": [[1,2]], "logical_count": [[2,1]]}"#,
            "holds logical_count and expert_load, which differ, allowed: one of them"
        ),
        ("a.json", #"{"logical_count": [[1]], "logical_count": [[2]]}"#, "holds the key \"logical_count\" twice"),
        (
            "a.json", #"{"logical_count": [[3,3]], "physical_count": [[1,2,4]], "phy2log": [[0,1,0]]}"#,
            "holds logical_count and physical_count, which by phy2log differ, allowed: one of them"
        ),
        (
            "a.json", #"{"logical_count": [[[1,2],[3,NaN]],[[1,2],[3,4]]]}"#,
            "logical_count[0][1][1]: found nan, allowed: a count from 0"
        ),
        ("a.json", "[[1,2],[-Infinity,4]]", "logical_count[1][0]: found -inf, allowed: a count from 0"),
        ("a.json", "[[1,2],[NaN,4]", "is not valid JSON"),
        ("a.json", "[[1,2],[3,4] // all of it\n]", "is not valid JSON"),
        ("a.json", "[[1e308,1e308,1e308]]", "layer 0: its loads add up to no finite number"),
        ("a.json", #"{"rank": 0}"#, "holds no logical_count or global_physical_count, allowed: JSON"),
        (
            "a.json", #"{"logical_count": [[[1,1]],[[1,-1]]]}"#,
            "step 1, row 0, expert 1: found -1.0, allowed: a count from 0"
        ),
        (
            "a.json", #"{"expert_load_pass": [[1,2]], "log2phy": [[[0],[0]]]}"#,
            "log2phy, row 0: found slot 0.0, allowed: each of 0 to 1 once"
        ),
        (
            "a.json", #"{"records": [{"physical_count": [[1]]}, {}, {"physical_count": [[1]]}]}"#,
            "records.1 has no physical_count, which other passes have"
        ),
        (
            "a.csv", "layer,expert\n0,0\n",
            "line 1: found columns \"layer\", \"expert\", allowed: columns layer, expert and count"
        ),
        (
            "a.csv", "layer,expert,count\n0,0,1\n0,0,2\n",
            "line 3: layer 0, expert 0 was on line 2 already; a column step"
        ),
        ("a.csv", "layer,expert,count\n0,0,x\n", "line 2: found count \"x\", allowed: a count from 0"),
        ("a.csv", "layer,expert,count\n0,-1,2\n", "line 2: found expert -1, allowed: 0 to 65534"),
        ("a.csv", "layer,expert,count\n0,1\n", "line 2: has 2 fields; the header has 3"),
        ("a.csv", "layer,expert,count,tokens\n", "line 1: columns count and tokens say the same"),
        ("a.csv", "", "holds no header"),
        ("a.csv", "layer,expert,count\n", "holds no row behind its header"),
    ])
    func whatIsNoFileOfLoadsIsRefused(name: String, text: String, message: String) {
        let refused = refusal { () throws(WorkloadError) in _ = try open(name, text) }
        #expect(refused?.contains(message) == true, "\(refused ?? "read")")
    }
}
