import Experts
import Foundation
import MoE
import Tensors
import TestSupport
import Testing

/// Whatever stands in the files beside the weights, reading ends with a value or one error.
@Suite("Fuzz of checkpoints") struct CheckpointFuzzTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    static let seed: UInt64 = 20_250_301

    /// The text with some bytes changed, cut out or doubled.
    private func damaged(_ text: String, round: Int) -> String {
        let random = CounterRandom(seed: Self.seed, purpose: .test, round)
        var bytes = Array(text.utf8)
        for change in 0..<Int(1 + random.word(0) % 4) {
            guard !bytes.isEmpty else { break }
            let place = Int(random.word(change * 4 + 1)) % bytes.count
            switch random.word(change * 4 + 2) % 4 {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: random.word(change * 4 + 3))
            case 1: bytes.removeSubrange(place..<min(bytes.count, place + 1 + Int(random.word(change * 4 + 3) % 9)))
            case 2: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 20)], at: place)
            default: bytes[place] = Array(#"{}[]",:0-9eE.\ntf"#.utf8)[Int(random.word(change * 4 + 3) % 17)]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func indexFiles() throws {
        let tensors = SmallMixtral.tensors(experts: 1)
        try folder.write(tensors, as: "a.safetensors")
        let map = tensors.map { #""\#($0.name)": "a.safetensors""# }.joined(separator: ", ")
        let json = #"{"metadata": {"total_size": 120}, "weight_map": {\#(map)}}"#
        var refused = 0
        for round in 0..<400 {
            try folder.write(damaged(json, round: round), as: "index.json")
            do {
                let layer = try layer(folder.path("index.json"), "mixtral", 2)
                #expect(
                    try layer.expertParameters(0) == SmallMixtral.parameters(0),
                    "seed \(Self.seed), round \(round)"
                )
            } catch let error as CheckpointError {
                refused += 1
                #expect(!error.message.isEmpty)
            }
        }
        #expect((100..<400).contains(refused), "\(refused) of 400 refused")
    }

    @Test func configurationFiles() throws {
        let oracle = try OracleCase.fixture("deepseek_v3")
        let json = String(decoding: try oracle.configuration(), as: UTF8.self)
        var refused = 0
        for round in 0..<400 {
            do {
                _ = try CheckpointConfiguration(json: Data(damaged(json, round: round).utf8), path: "config.json")
            } catch {
                refused += 1
                #expect(error.path == "config.json" && !error.message.isEmpty)
            }
        }
        #expect((50..<400).contains(refused), "\(refused) of 400 refused")
    }

    @Test func deepNesting() {
        for text in [String(repeating: "[", count: 100_000), String(repeating: #"{"a":"#, count: 100_000)] {
            #expect(throws: CheckpointError.self) {
                try CheckpointConfiguration(json: Data(text.utf8), path: "config.json")
            }
        }
    }

    /// A tensor of any shape under any name of a family is read or refused.
    @Test func shapes() throws {
        let names = SmallMixtral.tensors(experts: 2)
        for round in 0..<300 {
            let random = CounterRandom(seed: Self.seed, purpose: .test, round, 1)
            var tensors = names
            let place = Int(random.word(0)) % tensors.count
            let shape = (0..<Int(random.word(1) % 4)).map { Int(random.word(2 + $0) % 8) }
            tensors[place] = noisy(tensors[place].name, shape)
            let path = try folder.write(tensors, as: "model.safetensors")
            do {
                let layer = try layer(path, "mixtral", 2)
                for expert in 0..<2 {
                    #expect(try layer.expertParameters(expert).up.count == 6 * layer.expertShape.ffn)
                }
            } catch {
                #expect(error is CheckpointError, "seed \(Self.seed), round \(round): \(error)")
            }
        }
    }
}
