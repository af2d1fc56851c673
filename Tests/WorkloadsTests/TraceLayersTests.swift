import MoE
import Tensors
import TestSupport
import Testing

@testable import Workloads

/// Which layers and columns of a trace are replayed.
@Suite struct TraceLayersTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Three tokens; layer l holds what `rows` says, for each token alike but for its number.
    private func trace(_ layers: [[Int16]], more: [(String, [Int], [Int16])] = []) throws -> String {
        let ids = (0..<3).flatMap { _ in layers.flatMap { $0 } }
        return try folder.write(
            "\(UInt32.random(in: 0...UInt32.max)).safetensors",
            integers: [("topk_ids", [3, layers.count, layers[0].count], ids)] + more
        )
    }

    private func open(
        _ path: String,
        layers: Int,
        topK: Int = 2,
        choice: String? = nil,
        shared: [Int] = [],
        ranks: Int? = 2
    ) throws(WorkloadError) -> TraceWorkload {
        try TraceWorkload(
            path: path,
            tokensPerStep: 1,
            model: model(layers: layers),
            topK: topK,
            layers: choice.flatMap { LayerChoice($0) },
            sharedColumns: shared,
            ranks: ranks,
            seed: 1
        )
    }

    private func experts(_ workload: TraceWorkload) throws -> [[Int32]] {
        try workload.batch(step: 0).gate.recorded?.map(\.experts) ?? []
    }

    /// The notes without that on the order of axes.
    private func notesOnLayers(_ workload: TraceWorkload) -> [String] {
        workload.notes.filter { !$0.contains("is read as [token, layer, k]") }
    }

    @Test func layersOfZerosAreDense() throws {
        let path = try trace([[0, 0], [1, 2], [0, 0], [3, 4]])
        let workload = try open(path, layers: 2)
        #expect(try experts(workload) == [[1, 2], [3, 4]])
        let notes = notesOnLayers(workload)
        #expect(notes.count == 1 && notes[0].hasPrefix("layers 0, 2 of "))
        #expect(notes[0].hasSuffix("hold zeros alone, as dense layers do, and are left out"))
        #expect(try experts(open(try trace([[-1, -1], [1, 2]]), layers: 1)) == [[1, 2]])
    }

    /// With one choice, expert 0 for all tokens may be what they chose.
    @Test func oneChoiceIsDenseOnlyWhereTheRestFits() throws {
        let path = try trace([[0], [3], [4]])
        #expect(try experts(open(path, layers: 2, topK: 1)) == [[3], [4]])
        #expect(try experts(open(path, layers: 1, topK: 1)) == [[0]])
        #expect(try experts(open(path, layers: 3, topK: 1)) == [[0], [3], [4]])
    }

    @Test func moreLayersThanTheModelAreSaid() throws {
        let workload = try open(try trace([[0, 1], [2, 3], [4, 5]]), layers: 2)
        #expect(try experts(workload) == [[0, 1], [2, 3]])
        #expect(
            notesOnLayers(workload).first?.hasSuffix(
                "has choices in 3 layers, model.layers is 2: replayed are 0, 1; workload.layers chooses others"
            ) == true
        )
    }

    @Test func layersAreChosenByTheirNumbers() throws {
        let path = try trace([[0, 0], [1, 2], [3, 4], [5, 6]])
        #expect(try experts(open(path, layers: 2, choice: "3,1")) == [[5, 6], [1, 2]])
        #expect(try notesOnLayers(open(path, layers: 2, choice: "2-3")) == [])
        func refused(_ choice: String, _ layers: Int) -> String? {
            refusal { () throws(WorkloadError) in _ = try open(path, layers: layers, choice: choice) }
        }
        #expect(refused("1,4", 2) == "workload.layers: found 4, allowed: its layers, 0, 1, 2, 3")
        #expect(refused("1-3", 2) == "workload.layers names 3 layers, but model.layers is 2")
        #expect(refused("all", 2) == "workload.layers names 4 layers, but model.layers is 2")
        #expect(refused("0-1", 2)?.contains("expert 0 is chosen twice") == true)
        #expect(refused("0-1", 2)?.contains("dense layers, which workload.layers leaves out") == true)
    }

    /// Layers with tensors of their own have the numbers of their names, gaps among them.
    @Test func gapsBetweenLayersAreNoEnd() throws {
        let path = try folder.write(
            integers: [
                ("layers.3.topk_index", [1, 2], [1, 2]), ("layers.4.topk_index", [1, 2], [3, 4]),
                ("layers.7.topk_index", [1, 2], [5, 6]),
            ]
        )
        #expect(try experts(open(path, layers: 3)) == [[1, 2], [3, 4], [5, 6]])
        #expect(try experts(open(path, layers: 1, choice: "7")) == [[5, 6]])
    }

    @Test func columnsOfSharedExpertsAreNamed() throws {
        let path = try trace([[1, 2, 8], [3, 4, 8]])
        #expect(try experts(open(path, layers: 2, shared: [2])) == [[1, 2], [3, 4]])
        let first = try trace([[7, 2, 1], [7, 4, 3]])
        #expect(try experts(open(first, layers: 2, shared: [0])) == [[2, 1], [4, 3]])
        func refused(_ path: String, _ shared: [Int]) -> String? {
            refusal { () throws(WorkloadError) in _ = try open(path, layers: 2, shared: shared) }
        }
        #expect(refused(path, [])?.contains("holds 3 choices per token, but router.top_k is 2") == true)
        #expect(refused(path, [])?.contains("named by workload.shared_columns") == true)
        #expect(refused(path, [3]) == "workload.shared_columns: found 3, allowed: 0 to 2, its columns")
        let moving = try folder.write(integers: [("topk_ids", [2, 2, 3], [1, 2, 5, 3, 4, 5, 1, 2, 6, 3, 4, 5])])
        #expect(
            refused(moving, [2])
                == "workload.shared_columns: column 2 is not that of an expert that is always on: in layer 0 it holds 5, and "
                + "6 for token 1"
        )
    }

    @Test func aColumnNamesTheOwnersOfTokens() throws {
        let path = try trace([[1, 2]], more: [("source_rank", [3], [1, 1, 0])])
        let workload = try open(path, layers: 1)
        #expect(try (0..<4).map { try workload.outline(step: $0).sourceRanks } == [[1], [1], [0], [1]])
        #expect(try workload.batch(step: 2).sourceRanks == [0])
        let refused = refusal { () throws(WorkloadError) in _ = try open(path, layers: 1, ranks: 1) }
        #expect(refused?.contains("is 1 for token 0; allowed are 0 to 0, as cluster.workers is 1") == true)
        let other = try open(path, layers: 1, ranks: nil)
        #expect(try other.outline(step: 0).sourceRanks == nil)
        #expect(other.notes.first?.hasSuffix("holds source_rank, which a replay does not read") == true)
    }

    /// A column of a CSV goes into the trace that is made of it.
    @Test func aColumnOfACSVNamesTheOwnersToo() throws {
        let text = "token,layer,e0,source_rank\n0,0,1,1\n0,1,2,1\n1,0,3,0\n1,1,0,0\n"
        let routing = try RoutingFile.open(folder.write(Array(text.utf8), as: "s.csv"))
        #expect(routing.sourceRanks == [1, 0])
        let path = folder.path("s.safetensors")
        try TraceFile.write(routing, experts: 4, to: path)
        #expect(try (0..<2).map { try open(path, layers: 2, topK: 1).outline(step: $0).sourceRanks } == [[1], [0]])
        let moving = "token,layer,e0,source_rank\n0,0,1,1\n0,1,2,0\n"
        let refused = refusal { () throws(WorkloadError) in
            _ = try RoutingCSV.read(path: (try? folder.write(Array(moving.utf8), as: "m.csv")) ?? "")
        }
        #expect(refused == "line 3: token 0 has source_rank 0, and 1 on a line before")
    }

    @Test func raggedEndsAreExplained() throws {
        let path = try folder.write(
            integers: [("layers.0.topk_index", [2, 1], [1, 2]), ("layers.1.topk_index", [1, 1], [1])]
        )
        let refused = refusal { () throws(WorkloadError) in _ = try open(path, layers: 2, topK: 1) }
        #expect(refused?.contains("a recording that ended between two layers is cut to 1 tokens in all") == true)
        let unfilled = try folder.write("u.safetensors", integers: [("topk_ids", [2, 1, 2], [1, 2, 0, 0])])
        let zeros = refusal { () throws(WorkloadError) in _ = try open(unfilled, layers: 1) }
        #expect(zeros?.contains("in tokens behind the last, which token_mask leaves out") == true)
    }

    /// Each layer alone, all together and a part give the same, whichever way the layers stand in the file.
    @Test(arguments: [true, false], [true, false])
    func layersAloneAreThoseOfAll(isTogether: Bool, isMasked: Bool) throws {
        let (tokens, layers, choices) = (5, 4, 3)
        func id(_ token: Int, _ layer: Int, _ choice: Int) -> Int16 { Int16((token + 2 * layer + choice) % 7) }
        func weight(_ token: Int, _ layer: Int, _ choice: Int) -> Float { Float(100 * token + 10 * layer + choice) }
        func all<Value>(_ layers: Range<Int>, _ value: (Int, Int, Int) -> Value) -> [Value] {
            (0..<tokens).flatMap { token in
                layers.flatMap { layer in (0..<choices).map { value(token, layer, $0) } }
            }
        }
        let names: [(String, String, [Int], Range<Int>)] =
            isTogether
            ? [("topk_ids", "topk_weights", [tokens, layers, choices], 0..<layers)]
            : (0..<layers).map {
                ("layers.\($0).topk_index", "layers.\($0).topk_weight", [tokens, choices], $0..<$0 + 1)
            }
        let path = try folder.write(
            floats: names.map { ($0.1, $0.2, all($0.3, weight)) },
            integers: names.map { ($0.0, $0.2, all($0.3, id)) }
                + (isMasked ? [("token_mask", [tokens], [1, 0, 1, 1, 0])] : [])
        )
        let kept = isMasked ? [0, 2, 3] : Array(0..<tokens)
        let chosen = [3, 1]
        let workload = try TraceWorkload(
            path: path,
            tokensPerStep: kept.count,
            model: model(layers: 2),
            topK: 3,
            layers: LayerChoice("3,1"),
            seed: 1
        )
        let together = try #require(try workload.batch(step: 0).gate.recorded)
        for (index, layer) in chosen.enumerated() {
            let ids = kept.flatMap { token in (0..<choices).map { Int32(id(token, layer, $0)) } }
            let weights = kept.flatMap { token in (0..<choices).map { weight(token, layer, $0) } }
            guard case .recorded(let alone) = try workload.gate(step: 0, layer: index) else {
                Issue.record("no recorded choices")
                continue
            }
            #expect(alone.experts == ids && alone.weights == weights)
            #expect(together[index].experts == ids && together[index].weights == weights)
        }
    }

    /// Columns of shared experts are those of every layer: the first that is none is named with its layer.
    @Test func everySharedColumnIsCheckedInEveryLayer() throws {
        let path = try trace([[8, 1, 2, 9], [9, 3, 4, 8], [8, 5, 6, 9]])
        #expect(try experts(open(path, layers: 3, shared: [0, 3])) == [[1, 2], [3, 4], [5, 6]])
        let ids: [Int16] = [7, 1, 2, 9, 6, 3, 4, 8, 7, 1, 2, 9, 5, 3, 4, 8]
        let other = try folder.write("other.safetensors", integers: [("topk_ids", [2, 2, 4], ids)])
        let refused = refusal { () throws(WorkloadError) in _ = try open(other, layers: 2, shared: [0, 3]) }
        #expect(
            refused
                == "workload.shared_columns: column 0 is not that of an expert that is always on: in layer 1 it holds 6, and "
                + "5 for token 1"
        )
    }
}
