import MoE
import Tensors
import TestSupport
import Testing

@testable import Workloads

/// Padding of recorded files: no token, wherever it stands.
@Suite struct PaddingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Six tokens of two experts; token t has logits t and -t.
    private func logits(_ labels: [(String, [Int], [Int16])], floats: [(String, [Int], [Float])] = []) throws
        -> LogitsFile
    {
        let values = (0..<6).flatMap { [Float($0), -Float($0)] }
        let path = try folder.write(
            "\(UInt32.random(in: 0...UInt32.max)).safetensors",
            floats: [("router_logits", [6, 2], values)] + floats,
            integers: labels
        )
        return try LogitsFile(path: path)
    }

    /// The first logits of the tokens that are kept, and the sequences that they form.
    private func kept(_ file: LogitsFile) throws -> (tokens: [Float], sequences: [Int]?) {
        let random = CounterRandom(seed: 1, purpose: .test)
        let router = TopKRouter(rule: TopKRule(topK: 1))
        let batch = try file.batch(layer: file.layers[0], rows: 0..<file.tokens, for: router, random: random)
        return ((0..<batch.tokens).map { batch.projections[0][$0, 0] }, batch.sequenceLengths)
    }

    @Test func aMaskLeavesTokensOut() throws {
        for name in ["attention_mask", "token_mask"] {
            let file = try logits([(name, [6], [1, 1, 0, 1, 0, 0]), ("token_ids", [6], [7, 8, -1, 9, -1, -1])])
            #expect(try kept(file).tokens == [0, 1, 3])
            #expect(try kept(file).sequences == nil)
            #expect(file.tokenIDs == [7, 8, 9])
            #expect((0..<3).map { file.row(ofToken: $0) } == [0, 1, 3])
            #expect(file.paddingNote?.hasPrefix("3 of 6 tokens are padding by \(name) and count nowhere") == true)
        }
        let none = try logits([("attention_mask", [6], [1, 1, 1, 1, 1, 1])])
        #expect(none.tokens == 6 && none.paddingNote == nil)
    }

    /// Rows of a mask are sequences, filled up at either end.
    @Test func rowsOfAMaskAreSequences() throws {
        let left = try kept(try logits([("attention_mask", [2, 3], [0, 1, 1, 1, 1, 1])]))
        #expect(left.tokens == [1, 2, 3, 4, 5] && left.sequences == [2, 3])
        let empty = try kept(try logits([("attention_mask", [3, 2], [1, 0, 0, 0, 1, 1])]))
        #expect(empty.tokens == [0, 4, 5] && empty.sequences == [1, 2])
    }

    /// Lengths of fewer tokens than there are: those of rows of equal width.
    @Test func lengthsTellPaddingToo() throws {
        for name in ["sequence_lengths", "seq_lens"] {
            let padded = try kept(try logits([(name, [2], [2, 1])]))
            #expect(padded.tokens == [0, 1, 3] && padded.sequences == [2, 1])
            let packed = try kept(try logits([(name, [2], [4, 2])]))
            #expect(packed.tokens.count == 6 && packed.sequences == [4, 2])
        }
    }

    @Test func masksAndLengthsGoTogether() throws {
        let mask: (String, [Int], [Int16]) = ("attention_mask", [6], [1, 0, 1, 1, 1, 0])
        // Lengths of all rows, and lengths of what the mask keeps.
        #expect(try kept(try logits([mask, ("sequence_lengths", [2], [3, 3])])).sequences == [2, 2])
        #expect(try kept(try logits([mask, ("sequence_lengths", [2], [3, 1])])).sequences == [3, 1])
        let both = try kept(try logits([mask, ("token_mask", [6], [1, 1, 1, 0, 1, 1])]))
        #expect(both.tokens == [0, 2, 4])
        let agreeing: (String, [Int], [Int16]) = ("attention_mask", [2, 3], [1, 1, 0, 1, 0, 0])
        #expect(try kept(try logits([agreeing, ("seq_lens", [2], [2, 1])])).sequences == [2, 1])
    }

    @Test(
        arguments: [
            (
                ("attention_mask", [3], [1, 1, 0]),
                "has shape [3]; [token] or [sequence, position] with a flag for each of 6"
            ),
            (
                ("attention_mask", [6], [1, 1, 2, 2, 0, 0]),
                "is 2 for token 2; allowed are 1 for a token and 0 for padding"
            ),
            (("token_mask", [6], [0, 0, 0, 0, 0, 0]), "leaves no token: all 6 are padding by token_mask"),
            (("sequence_lengths", [4], [1, 1, 1, 1]), "the sequences hold 4 tokens; there are 6"),
            (("seq_lens", [2], [4, 3]), "sequence 1 has length 3; allowed are 1 to 2"),
        ] as [((String, [Int], [Int16]), String)]
    )
    func whatTellsNoPaddingIsRefused(label: (String, [Int], [Int16]), message: String) throws {
        let refused = try? #require(throws: WorkloadError.self) { try logits([label]) }
        #expect(refused?.message.contains(message) == true, "\(refused?.message ?? "")")
    }

    @Test func maskAndLengthsThatDisagreeAreRefused() throws {
        let mask: (String, [Int], [Int16]) = ("attention_mask", [2, 3], [1, 1, 0, 1, 1, 0])
        let refused = try? #require(throws: WorkloadError.self) { try logits([mask, ("seq_lens", [2], [2, 1])]) }
        #expect(refused?.message.contains("sequence 1 has length 1, but attention_mask has 2 tokens in it") == true)
        let added = try? #require(throws: WorkloadError.self) {
            try logits([], floats: [("attention_mask", [6], [0, 0, -1e9, 0, 0, -1e9])])
        }
        #expect(added?.message.contains("for token 2; allowed are 1 for a token and 0 for padding") == true)
    }

    /// A trace replays tokens alone: what stands in a row of padding is not even looked at.
    @Test func tracesLeavePaddingOut() throws {
        let path = try folder.write(
            integers: [
                ("topk_ids", [4, 1, 2], [0, 1, 99, 99, 2, 3, 0, 0]), ("attention_mask", [4], [1, 0, 1, 0]),
            ]
        )
        let workload = try TraceWorkload(path: path, tokensPerStep: 3, model: model(), topK: 2, seed: 1)
        #expect(try workload.batch(step: 0).gate.recorded?.map(\.experts) == [[0, 1, 2, 3, 0, 1]])
        #expect(workload.summary.distinctTokens == 2)
        #expect(workload.notes.first?.hasPrefix("2 of 4 tokens are padding by attention_mask") == true)
        let routing = try RoutingFile.open(path)
        #expect(routing.shape.tokens == 2 && routing.note != nil)
        #expect(try routing.block(0..<2).experts == [0, 1, 2, 3])
        #expect(routing.place(token: 1, layer: 0).hasSuffix("token 2, layer 0"))
    }

    /// Wherever a file with one is read, that it is not read is said.
    @Test(
        arguments: [
            "padding_mask", "loss_mask", "used_token", "cu_seqlens", "layers.0.valid_mask", "my_mask", "mask",
            "layers.0.attention_mask", "layers.0.token_ids", "layers.0.seq_lens",
        ]
    )
    func masksThatAreNotReadAreNoted(name: String) throws {
        let mask: (String, [Int], [Int16]) = (name, [2], [1, 0])
        let path = try folder.write(
            "unread.safetensors",
            floats: [("hidden_states", [2, 4], [Float](repeating: 1, count: 8))],
            integers: [("layers.0.topk_index", [2, 1], [3, 4]), mask]
        )
        let note =
            "unread.safetensors holds \(name), not read: what it leaves out counts as tokens; masks that are read are "
            + "attention_mask and token_mask of all layers"
        let routing = "unread.safetensors holds layers.0.topk_index, which activations do not read"
        #expect(try ActivationsWorkload(path: path, tokensPerStep: 2, hidden: 4, ranks: 1).notes == [note, routing])
        #expect(try RoutingFile.open(path).note == note)
        let replay = try TraceWorkload(path: path, tokensPerStep: 2, model: model(), topK: 1, seed: 1).notes
        #expect(replay == ["unread.safetensors holds \(name), which a replay does not read"])
        let file = try logits([mask])
        #expect(file.unread(by: TopKRouter(rule: TopKRule(topK: 1))) == [name])
    }

    /// Of the logits of layers, what is said of the first counts for all.
    @Test func masksOfSeveralLayersAreOneNote() throws {
        let masks = (0..<3).map { ("layers.\($0).attention_mask", [2], [Int16](repeating: 1, count: 2)) }
        let path = try folder.write(
            "layers.safetensors",
            floats: (0..<3).map { ("layers.\($0).router_logits", [2, 2], [Float](repeating: 1, count: 4)) },
            integers: masks
        )
        #expect(
            try LogitsFile(path: path).unread(by: TopKRouter(rule: TopKRule(topK: 1)))
                == ["layers.1.attention_mask and 1 more of that name"]
        )
    }

    @Test func activationsLeavePaddingOut() throws {
        let path = try folder.write(
            floats: [("hidden_states", [3, 4], (0..<12).map { Float($0) })],
            integers: [("attention_mask", [3], [1, 0, 1])]
        )
        let workload = try ActivationsWorkload(path: path, tokensPerStep: 2, hidden: 4)
        #expect(try workload.batch(step: 0).hidden.values == [0, 1, 2, 3, 8, 9, 10, 11])
        #expect(workload.notes.count == 1)
    }

    /// Every token and every row, by counting flags one by one.
    @Test(arguments: (0..<20).map { _ in UInt64.random(in: 0...UInt64.max) })
    func runsAreThoseOfTheFlags(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let flags = (0..<Int.random(in: 1...40, using: &random)).map { _ in random.happens(0.6) }
        let kept = KeptTokens(flags, reason: "flags")
        let rows = flags.indices.filter { flags[$0] }
        #expect(kept.count == rows.count, "seed \(seed)")
        for (token, row) in rows.enumerated() { #expect(kept.row(of: token) == row, "seed \(seed)") }
        for row in 0...flags.count { #expect(kept.count(before: row) == flags[..<row].count { $0 }, "seed \(seed)") }
        for first in 0...rows.count {
            for end in first...rows.count {
                #expect(Array(kept.rows(first..<end).joined()) == Array(rows[first..<end]))
            }
        }
    }
}
