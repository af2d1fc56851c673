import Foundation
import MoE
import Tensors
import TestSupport
import Testing
import Workloads

/// Recorded routing of every form: what is read is what was recorded, and what is wrong is named with its place.
@Suite struct RecordedRoutingTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Choices [token, layer, k] of a seeded model, for writing in many forms.
    private struct Sample {
        let tokens: Int
        let layers: Int
        let choices: Int
        let seed: UInt64

        func expert(_ token: Int, _ layer: Int, _ choice: Int) -> Int16 {
            // Different for the choices of a token; each axis counts.
            let start = Int(CounterRandom(seed: seed, purpose: .test, token, layer).word(0)) % 50
            return Int16(start + choice * 3)
        }

        func weight(_ token: Int, _ layer: Int, _ choice: Int) -> Float {
            Float(expert(token, layer, choice)) / 64 + Float(choice)
        }

        /// Values in the order of some axes.
        func values<Value>(_ axes: String, _ value: (Int, Int, Int) -> Value) -> (shape: [Int], values: [Value]) {
            let sizes = ["token": tokens, "layer": layers, "k": choices]
            let names = axes.split(separator: ",").map(String.init)
            let shape = names.map { sizes[$0] ?? 0 }
            let values = (0..<shape.reduce(1, *)).map { index -> Value in
                var (rest, place) = (index, [String: Int]())
                for (name, size) in zip(names, shape).reversed() {
                    place[name] = rest % size
                    rest /= size
                }
                return value(place["token"] ?? 0, place["layer"] ?? 0, place["k"] ?? 0)
            }
            return (shape, values)
        }

        var experts: [Int32] { values("token,layer,k", expert).values.map { Int32($0) } }
        var weights: [Float] { values("token,layer,k", weight).values }
    }

    private func all(_ routing: any RecordedRouting) throws -> (experts: [Int32], weights: [Float]?) {
        let block = try routing.block(0..<routing.shape.tokens)
        return (block.experts, block.weights)
    }

    private func refused(_ name: String, _ text: String, _ names: RoutingNames = RoutingNames()) throws -> String? {
        let path = try folder.write(text, as: name)
        return refusal { () throws(WorkloadError) in _ = try RoutingFile.open(path, names: names) }
    }

    // MARK: Tensors

    static let orders = [
        "token,layer,k", "token,k,layer", "layer,token,k", "layer,k,token", "k,token,layer", "k,layer,token",
    ]

    @Test(arguments: orders)
    func axesMayHaveAnyOrder(order: String) throws {
        let seed = UInt64.random(in: 0...999)
        let sample = Sample(tokens: 7, layers: 3, choices: 2, seed: seed)
        let (shape, ids) = sample.values(order, sample.expert)
        let path = try folder.write(
            floats: [("w", shape, sample.values(order, sample.weight).values)],
            integers: [("ids", shape, ids)]
        )
        let names = RoutingNames(ids: "ids", weights: "w", axes: RoutingAxes(order))
        let routing = try RoutingFile.open(path, names: names)
        #expect(routing.shape.tokens == 7 && routing.shape.layers == [0, 1, 2] && routing.shape.choices == 2)
        let (experts, weights) = try all(routing)
        #expect(experts == sample.experts && weights == sample.weights, "seed \(seed)")
        // Any cut into pieces gives the same.
        let cut = Int.random(in: 0...7)
        let pieces = try [routing.block(0..<cut), routing.block(cut..<7)]
        #expect(pieces.flatMap(\.experts) == sample.experts, "seed \(seed), cut \(cut)")
        #expect(pieces.flatMap { $0.weights ?? [] } == sample.weights, "seed \(seed), cut \(cut)")
    }

    @Test(arguments: [
        ("token,k", 1, 3), ("k,token", 1, 3), ("token,layer", 4, 1), ("layer,token", 4, 1), ("token", 1, 1),
    ])
    func axesMayBeFewer(order: String, layers: Int, choices: Int) throws {
        let sample = Sample(tokens: 5, layers: layers, choices: choices, seed: 3)
        let (shape, ids) = sample.values(order, sample.expert)
        let path = try folder.write(integers: [("topk_ids", shape, ids)])
        let routing = try RoutingFile.open(path, names: RoutingNames(axes: RoutingAxes(order)))
        #expect(try all(routing).experts == sample.experts && !routing.hasWeights)
    }

    @Test(arguments: ["", "token,token", "layer,k", "token;k", "tokens,k", "token,layer,k,"])
    func otherAxesAreNone(text: String) {
        #expect(RoutingAxes(text) == nil)
    }

    @Test func layersMayHaveTensorsOfTheirOwn() throws {
        let sample = Sample(tokens: 4, layers: 3, choices: 2, seed: 9)
        func layer(_ number: Int) -> [Int16] {
            (0..<4).flatMap { token in (0..<2).map { sample.expert(token, number, $0) } }
        }
        let path = try folder.write(
            integers: (0..<3).map { ("mlp.\([3, 5, 11][$0]).ids", [4, 2], layer($0)) } + [("mlp.x.ids", [1], [0])]
        )
        let routing = try RoutingFile.open(path, names: RoutingNames(ids: "mlp.{layer}.ids"))
        #expect(routing.shape.layers == [3, 5, 11])
        #expect(try all(routing).experts == sample.experts)
        let chosen = try RoutingFile.open(path, names: RoutingNames(ids: "mlp.{layer}.ids"), layers: [11, 3])
        #expect(chosen.shape.layers == [3, 11])
        #expect(
            try all(chosen).experts
                == (0..<4).flatMap { token in
                    [0, 2].flatMap { layer in (0..<2).map { Int32(sample.expert(token, layer, $0)) } }
                }
        )
        #expect(chosen.place(token: 1, layer: 1) == "tensor \"mlp.11.ids\": token 1, layer 11")
        #expect(
            refusal { () throws(WorkloadError) in
                _ = try RoutingFile.open(path, names: RoutingNames(ids: "mlp.{layer}.ids"), layers: [4])
            } == "holds no layer 4; it holds 3, 5, 11"
        )
    }

    @Test func tensorsThatDoNotFitAreRefused() throws {
        let path = try folder.write(
            floats: [("w", [2, 2], [0, 1, 2, .infinity]), ("v", [4], [0, 1, 2, 3])],
            integers: [("ids", [2, 2], [0, 1, -2, 3]), ("one", [2], [0, 1]), ("deep", [1, 1, 1, 1], [0])]
        )
        func refused(_ ids: String?, _ weights: String? = nil, _ axes: String? = nil) -> String? {
            let names = RoutingNames(ids: ids, weights: weights, axes: axes.flatMap { RoutingAxes($0) })
            return refusal { () throws(WorkloadError) in _ = try RoutingLoads(RoutingFile.open(path, names: names)) }
        }
        #expect(
            refused(nil)?.hasSuffix(
                "it holds \"w\", \"v\", \"ids\", \"one\", \"deep\", of which epsim trace convert --ids names the choices"
            ) == true
        )
        #expect(refused("id")?.hasPrefix("holds no tensor \"id\"; it holds ") == true)
        #expect(
            refused("ids")
                == "tensor \"ids\": token 1, layer 0: expert -2; allowed are 0 to 65534, and -1 for no choice"
        )
        #expect(refused("w") == "tensor \"w\": has shape [2, 2] of F32; expert numbers are integers")
        #expect(
            refused("one") == "tensor \"one\": has shape [2] of I16; name its axes by --axes: \(RoutingAxes.allowed)"
        )
        #expect(
            refused("deep", nil, "token,k")
                == "tensor \"deep\": has shape [1, 1, 1, 1] of I16, which are not the axes [token, k]; name them by --axes"
        )
        #expect(
            refused("one", "v", "token")
                == "tensor \"v\": has shape [4] of F32; shape [2] of real numbers is needed, as of \"one\""
        )
        #expect(refused("ids", "nothing") == "holds no tensor \"nothing\"; all layers or no layer must have weights")
        // A tensor without elements may have any other size; nothing of that size is made.
        let empty = try folder.write("e.safetensors", integers: [("e", [1 << 60, 0], [])])
        for (axes, axis, size, allowed) in [
            ("layer,token", "layer", 1 << 60, "1 to 1024 are allowed"),
            ("k,token", "k", 1 << 60, "1 to 65535 are allowed"),
            ("token,k", "k", 0, "1 to 65535 are allowed"), ("token,layer", "layer", 0, "1 to 1024 are allowed"),
        ] {
            let names = RoutingNames(axes: RoutingAxes(axes))
            #expect(
                refusal { () throws(WorkloadError) in _ = try RoutingFile.open(empty, names: names) }
                    == "tensor \"e\": has shape [\(1 << 60), 0] as [\(axes.replacing(",", with: ", "))]: \(size) on axis "
                    + "\(axis); \(allowed)"
            )
        }
        let fine = try folder.write(
            floats: [("w", [2, 2], [0, 1, 2, .infinity])],
            integers: [("ids", [2, 2], [0, 1, 2, 3])]
        )
        #expect(
            refusal { () throws(WorkloadError) in
                _ = try RoutingLoads(RoutingFile.open(fine, names: RoutingNames(ids: "ids", weights: "w")))
            } == "tensor \"w\": token 1, layer 0: weight inf; finite numbers from 0 are allowed"
        )
    }

    // MARK: Texts

    @Test func aRowMayBeAChoice() throws {
        let text = """
            token,layer,expert,weight
            1,4,5,0.5
            0,2,1,1
            0,2,"2",2

            0,4,3,3
            1,2,0,6
            1,4,-1,0
            1,2,7,5
            0,4,4,4
            """
        let routing = try RoutingFile.open(folder.write(text, as: "a.csv"))
        #expect(routing.shape.tokens == 2 && routing.shape.layers == [2, 4] && routing.shape.choices == 2)
        #expect(try all(routing).experts == [1, 2, 3, 4, 0, 7, 5, -1])
        #expect(try all(routing).weights == [1, 2, 3, 4, 6, 5, 0.5, 0])
        #expect(routing.place(token: 1, layer: 1) == "line 2: token 1, layer 4")
    }

    @Test func aRowMayHaveAllChoices() throws {
        let routing = try RoutingFile.open(folder.write("e1,token,e0\r\n3,0,2\r\n5,1,4\r\n", as: "a.csv"))
        #expect(routing.shape.layers == [0] && routing.shape.choices == 2)
        #expect(try all(routing).experts == [2, 3, 4, 5])
    }

    @Test(arguments: [
        ("", "holds no header"),
        ("token,expert\n", "holds no choices; at least one token with one is needed"),
        ("token,experts\n", "line 1: column \"experts\" is not known; allowed are token"),
        ("token,e0,e0\n", "line 1: column \"e0\" comes twice; allowed are token"),
        ("token,e0,e2\n", "line 1: the columns of experts are not numbered from 0"),
        ("token,e0,e1,w0\n", "line 1: the columns of experts are not numbered from 0, or those of weights"),
        ("layer,e0\n", "line 1: no column of tokens, or none of experts"),
        ("token,expert,e1\n", "line 1: both expert and e1"),
        ("token,e0\n0,1\n1\n", "line 3: has 1 fields; the header has 2"),
        ("token,e0\n0,1\n-1,2\n", "line 3: found token -1, allowed: 0 to 2147483646"),
        ("token,layer,e0\n0,10000,1\n", "line 2: found layer 10000, allowed: 0 to 9999"),
        ("token,e0\n0,x\n", "line 2: expert \"x\"; allowed are 0 to 65534, and -1 for no choice"),
        ("token,e0\n0,1.5\n", "line 2: expert 1.5; allowed are"),
        ("token,e0\n0,1.0\n1.5,1\n", "line 3: found token 1.5, allowed: 0 to 2147483646"),
        ("token,e0,w0\n0,1,0.5\n1,1,-0.5\n", "line 3: weight -0.5; finite numbers from 0 are allowed"),
        ("token,e0\n0,65535\n", "line 2: expert 65535; allowed are 0 to 65534"),
        ("token,e0,w0\n0,1,nan\n", "line 2: weight nan; finite numbers from 0 are allowed"),
        ("token,e0,w0\n0,1,\n", "line 2: weight \"\"; finite numbers from 0 are allowed"),
        ("token,e0\n0,\"1\n", "line 2: a quote that nothing closes on the line"),
        ("token,e0\n0,1\n0,2\n", "line 3: token 0, layer 0 was on line 2 already"),
        (
            "token,layer,e0\n0,1,1\n0,2,2\n1,1,1\n",
            "token 1 has no choices in layer 2; each token from 0 on needs them in layer 1, 2"
        ),
        ("token,e0\n1,1\n", "token 0 has no choices in layer 0"),
        ("token,e0\n0,1\n2147483646,1\n", "token 1 has no choices in layer 0"),
        (
            "token,layer,expert\n0,0,1\n0,0,2\n0,1,1\n",
            "line 4: token 0, layer 1: 1 choice; 2 choices of each token are needed, as of token 0, where -1 is no choice"
        ),
    ])
    func wrongRowsAreRefused(text: String, message: String) throws {
        let found = try refused("a.csv", text)
        #expect(found?.hasPrefix(message) == true, "\(found ?? "no error")")
    }

    @Test(arguments: [
        #"{"token": 1, "layer": 3, "experts": [4, 5]}"# + "\n" + #"{"token": 0, "layer": 3, "experts": [2, 3]}"#,
        #"{"topk_ids": [[2, 3]], "text": "x"}"# + "\n\n" + #"{"topk_ids": [[4, 5]]}"#,
        #"{"token": 1, "expert_ids": [[4, 5]]}"# + "\n" + #"{"token": 0, "expert_ids": [[2, 3]]}"#,
        #"{"routed_experts": [[[2, 3]]], "topk_weights": null}"# + "\n" + #"{"routed_experts": [[[4, 5]]]}"#,
        #"{"routed_experts": [[[2, 3]], [[4, 5]]]}"#,
        #"{"prompt_routed_experts": [[[2, 3]]], "choices": [{"routed_experts": [[[4, 5]]]}]}"#,
        #"{"experts": [2, 3]}"# + "\n" + #"{"experts": [4, 5]}"#,
    ])
    func linesMayHaveListsOfAnyDepth(text: String) throws {
        let routing = try RoutingFile.open(folder.write(text, as: "a.jsonl"))
        #expect(routing.shape.tokens == 2 && routing.shape.layers.count == 1 && routing.shape.choices == 2)
        #expect(try all(routing).experts == [2, 3, 4, 5] && !routing.hasWeights)
    }

    @Test func requestsAreSequences() throws {
        let answer =
            #"{"prompt_routed_experts": [[[1]], [[2]]], "choices": [{"routed_experts": [[[3]]]}, "#
            + #"{"routed_experts": [[[4]], [[5]]]}]}"#
        let text = #"{"routed_experts": [[[0]]]}"# + "\n" + answer
        let routing = try RoutingFile.open(folder.write(text, as: "a.ndjson"))
        #expect(try all(routing).experts == [0, 1, 2, 3, 4, 5])
        #expect(routing.sequenceLengths == [1, 3, 2])
    }

    /// A token is what every mask calls one, as in files of tensors.
    @Test func masksOfARequestAreJoined() throws {
        let experts = #""experts": [[[0]],[[1]],[[2]],[[3]]]"#
        let (first, second) = (#""attention_mask": [1,1,0,1]"#, #""token_mask": [0,1,1,1]"#)
        let cases: [(masks: String, experts: [Int32], note: String?)] = [
            ("", [0, 1, 2, 3], nil),
            (", \(first)", [0, 1, 3], "1 of 4 tokens are padding by attention_mask"),
            (", \(second)", [1, 2, 3], "1 of 4 tokens are padding by token_mask"),
            (", \(first), \(second)", [1, 3], "2 of 4 tokens are padding by attention_mask and token_mask"),
            (", \(second), \(first)", [1, 3], "2 of 4 tokens are padding by attention_mask and token_mask"),
        ]
        for (masks, expected, note) in cases {
            let routing = try RoutingFile.open(folder.write("{\(experts)\(masks)}", as: "a.jsonl"))
            #expect(try all(routing).experts == expected, "\(masks)")
            #expect(routing.note == note.map { "\($0) and count nowhere: not in loads, losses or traffic" }, "\(masks)")
        }
        // The tensors of the same request.
        let path = try folder.write(
            integers: [
                ("topk_ids", [4, 1, 1], [0, 1, 2, 3]), ("attention_mask", [4], [1, 1, 0, 1]),
                ("token_mask", [4], [0, 1, 1, 1]),
            ]
        )
        let tensors = try RoutingFile.open(path)
        #expect(try all(tensors).experts == [1, 3])
        #expect(tensors.note == cases[3].note.map { "\($0) and count nowhere: not in loads, losses or traffic" })
        // Rows of all lines are told, with a mask and without.
        let lines = "{\(experts), \(first)}\n{\(experts)}"
        let both = try RoutingFile.open(folder.write(lines, as: "b.jsonl"))
        #expect(both.note?.hasPrefix("1 of 8 tokens are padding by attention_mask") == true)
    }

    @Test func keysThatSoundLikeRoutingAreTold() throws {
        let lines = #"{"experts": [1], "weight": [0.5], "prompt": "x"}"# + "\n" + #"{"experts": [2], "my_mask": [1]}"#
        let note = try RoutingFile.open(folder.write(lines, as: "k.jsonl")).note ?? ""
        #expect(note.hasPrefix(#"not read: "my_mask", "weight"; the names that are read are topk_ids, topk_index, "#))
        #expect(!note.contains("prompt"))
        let lengths = #"{"experts": [[[1]], [[2]]], "sequence_lengths": [1, 1], "token_ids": [5, 6]}"#
        let said = try RoutingFile.open(folder.write(lengths, as: "l.jsonl")).note
        #expect(said?.hasPrefix(#"not read: "sequence_lengths", "token_ids"; "#) == true)
        let plain = try RoutingFile.open(folder.write(#"{"experts": [1], "weights": [0.5]}"#, as: "p.jsonl"))
        #expect(plain.note == nil)
    }

    /// The same routing, whatever ends its lines and whether its numbers have a point; Python writes both.
    @Test func linesAndNumbersMayHaveOtherForms() throws {
        let csv = "token,layer,expert\n0,0,1\n0,1,2\n1,0,3\n1,1,4\n"
        let json = "{\"token\": 0, \"experts\": [[1], [2]]}\n{\"token\": 1, \"experts\": [[3], [4]]}\n"
        for (name, text) in [("a.csv", csv), ("a.jsonl", json)] {
            for end in ["\n", "\r\n", "\r"] {
                for isReal in [false, true] {
                    var form = isReal ? text.replacing(/\d/) { "\($0.output).0" } : text
                    form = form.replacing("\n", with: end)
                    let found = try all(RoutingFile.open(folder.write(form, as: name))).experts
                    #expect(found == [1, 2, 3, 4], "\(name) \(Array(end.utf8)) \(isReal)")
                }
            }
            for encoding in [String.Encoding.utf16, .utf16LittleEndian, .utf16BigEndian] {
                let path = try folder.write(Array(text.data(using: encoding) ?? Data()), as: name)
                #expect(
                    refusal { () throws(WorkloadError) in _ = try RoutingFile.open(path) }
                        == "is UTF-16 text, allowed: UTF-8"
                )
            }
        }
        #expect(try refused("b.jsonl", json.replacing("3", with: "3.5"))?.hasPrefix("line 2: ") == true)
        #expect(
            try refused("b.jsonl", json.replacing("\n", with: "\r").replacing("3", with: "x"))?.hasPrefix("line 2: ")
                == true
        )
    }

    @Test func theArrayOfAServerIsRead() throws {
        let array =
            [0x93] + Array("NUMPY".utf8) + [1, 0, 62, 0]
            + Array("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1, 3), }".utf8) + [1, 2, 3, 255, 5, 6]
        let text = "{\n  \"choices\": [{\"routed_experts\": \"\(Data(array).base64EncodedString())\"}]\n}"
        let routing = try RoutingFile.open(folder.write(text, as: "answer.json"))
        #expect(try all(routing).experts == [1, 2, 3, 255, 5, 6])
        let cut = Data(array.dropLast()).base64EncodedString()
        #expect(
            try refused("answer.json", "{\"routed_experts\": \"\(cut)\"}")
                == "line 1: holds what cannot be at routed_experts: the base64 of something that holds 5 bytes of data; "
                + "shape [2, 1, 3] of U8 needs 6"
        )
    }

    @Test(arguments: [
        ("", "holds no choices; at least one token with one is needed"),
        ("{}", "line 1: no experts; allowed are topk_ids, topk_index, "),
        ("[1]", "line 1: holds something else than an object at the top level"),
        (#"{"experts": [1]"#, "line 1: is not valid JSON"),
        (#"{"experts": []}"#, "line 1: token 0, layer 0: no choices; at least one is needed"),
        (#"{"experts": [1.5]}"#, "line 1: "),
        (
            #"{"experts": [[1, 2], [3]]}"#,
            "line 1: holds what cannot be at experts: list 1 has 1 elements, list 0 has 2"
        ),
        (#"{"experts": [[1, 2], 3]}"#, "line 1: holds something else than a list at experts[1]"),
        (
            #"{"experts": [1, 2]}"# + "\n" + #"{"experts": [1]}"#,
            "line 2: token 1, layer 0: 1 choice; 2 choices of each"
        ),
        (#"{"experts": [-2]}"#, "line 1: expert -2; allowed are 0 to 65534"),
        (#"{"experts": [99999999999]}"#, "line 1: expert 99999999999; allowed are 0 to 65534"),
        (#"{"experts": [1], "weights": [NaN]}"#, "line 1: weight nan; finite numbers from 0 are allowed"),
        (#"{"experts": [1], "weights": [1, 2]}"#, "line 1: weights of shape [2] for experts of shape [1]"),
        (
            #"{"experts": [1], "weights": [1]}"# + "\n" + #"{"experts": [1]}"#,
            "line 2: token 1, layer 0: no weights, but the first has some; all or none need them"
        ),
        (#"{"layer": 1, "experts": [1]}"#, "line 1: a layer; it goes with a token"),
        (#"{"token": -1, "experts": [1]}"#, "line 1: token -1; allowed are 0 to 2147483646"),
        (#"{"token": 1, "experts": [[[1]]]}"#, "line 1: a token; the experts are those of several"),
        (
            #"{"experts": [1]}"# + "\n" + #"{"experts": [[1]]}"#,
            "line 2: experts in lists of depth 2 without a token; the first line has them in lists of depth 1 without one"
        ),
        (
            #"{"token": 0, "experts": [1]}"# + "\n" + #"{"token": 0, "experts": [2]}"#,
            "line 2: token 0, layer 0 was on line 1 already"
        ),
        (
            #"{"experts": [[[1]]], "token_mask": [2]}"#,
            "line 1: token_mask is 2 for token 0; allowed are 1 for a token and 0 for padding"
        ),
        (
            #"{"experts": [[[1]]], "attention_mask": [1], "token_mask": [-1]}"#,
            "line 1: token_mask is -1 for token 0; allowed"
        ),
        (
            #"{"experts": [[[1]]], "attention_mask": [1], "token_mask": [1, 1]}"#,
            "line 1: token_mask of 2 flags; it goes with the experts of as many tokens"
        ),
        (
            #"{"attention_mask": [1], "choices": [{"experts": [[[1]]]}]}"#,
            "line 1: attention_mask beside choices; it goes with the experts of one of them"
        ),
        (
            #"{"experts": [1], "topk_ids": [2]}"#,
            "line 1: holds what cannot be at experts: topk_ids is there, too, and one of them is allowed"
        ),
        (#"{"experts": [1], "experts": [2]}"#, "line 1: holds the key \"experts\" twice in one object"),
        (#"{"routed_experts": "%"}"#, "line 1: holds what cannot be at routed_experts: a text that is not base64"),
    ])
    func wrongLinesAreRefused(text: String, message: String) throws {
        let found = try refused("a.jsonl", text)
        #expect(found?.hasPrefix(message) == true, "\(found ?? "no error")")
    }

    @Test func namesAreForTensors() throws {
        #expect(
            try refused("a.csv", "token,e0\n0,1\n", RoutingNames(ids: "x"))
                == "is no file of tensors: --ids, --weights and --axes are for .safetensors, .npy, .npz and .pt"
        )
        #expect(
            try refused("a.txt", "")
                == "is not named as a file of recorded routing; allowed are \(RoutingFile.extensions)"
        )
    }

    // MARK: Loads and traces

    @Test func loadsCountWhatWasChosen() throws {
        let text = "token,layer,e0,e1\n0,0,1,1\n0,5,3,-1\n1,0,1,0\n1,5,3,2\n"
        let routing = try RoutingFile.open(folder.write(text, as: "a.csv"))
        let loads = try RoutingLoads(routing)
        #expect(loads.expertsSeen == 4)
        #expect(loads.layers.map(\.number) == [0, 5])
        #expect(loads.layers.map { $0.counts(experts: 5) } == [[1, 3, 0, 0, 0], [0, 0, 1, 2, 0]])
        #expect(loads.layers.map(\.withoutExpert) == [0, 1] && loads.layers.map(\.duplicates) == [1, 0])
        #expect(
            refusal { () throws(WorkloadError) in try TraceFile.check(routing, loads) }
                == "line 2: token 0, layer 0: expert 1 is chosen twice; the experts of a token must differ"
        )
    }

    @Test func aTraceIsReplayed() throws {
        // Several pieces, and experts that need 32 bits.
        let tokens = 140_000
        var text = "token,e0,e1,w0,w1\n"
        for token in 0..<tokens { text += "\(token),\(token % 40_000),65534,0.25,\(token % 8)\n" }
        let routing = try RoutingFile.open(folder.write(text, as: "a.csv"))
        #expect(routing.shape.pieces.count > 1)
        let loads = try RoutingLoads(routing)
        let path = folder.path("out.safetensors")
        try TraceFile.write(routing, experts: loads.expertsSeen, to: path)
        let written = try openTensorFile(path)
        #expect(try written.tensor(named: "topk_ids").dtype == .i32)
        let shape = model(layers: 1, experts: 65535)
        let workload = try TraceWorkload(path: path, tokensPerStep: tokens, model: shape, topK: 2, seed: 1)
        let records = try #require(try workload.batch(step: 0).gate.recorded)
        #expect(try records[0].experts == all(routing).experts)
        #expect(try records[0].weights == all(routing).weights)
        let ids = folder.path("out.npy")
        try TraceFile.write(routing, experts: loads.expertsSeen, to: ids)
        #expect(
            try all(RoutingFile.open(ids, names: RoutingNames(axes: RoutingAxes("token,layer,k")))).experts
                == all(routing).experts
        )
    }

    @Test func labelsOfTokensAreKept() throws {
        let path = try folder.write(
            integers: [
                ("topk_ids", [3, 1, 1], [0, 1, 2]), ("input_ids", [3], [7, 8, 9]), ("sequence_lengths", [2], [1, 2]),
            ]
        )
        let routing = try RoutingFile.open(path)
        #expect(routing.tokenIDs == [7, 8, 9] && routing.sequenceLengths == [1, 2])
        let out = folder.path("out.safetensors")
        try TraceFile.write(routing, experts: 3, to: out)
        let again = try RoutingFile.open(out)
        #expect(again.tokenIDs == [7, 8, 9] && again.sequenceLengths == [1, 2])
    }
}
