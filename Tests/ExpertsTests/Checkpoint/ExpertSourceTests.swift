import Experts
import MoE
import Tensors
import TestSupport
import Testing

/// A seed and a checkpoint behind one protocol.
@Suite("Sources of experts") struct ExpertSourceTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private let seeded = SeededSource(
        seed: 5,
        shape: ModelShape(
            layers: 2,
            experts: 3,
            expert: ExpertShape(hidden: 6, ffn: 4, activation: .swiglu),
            sharedExpert: ExpertShape(hidden: 6, ffn: 8, activation: .swiglu)
        ),
        gateDeviation: 1
    )

    @Test func seedGivesWhatSeededWeightsGive() throws {
        let source: any ExpertSource = seeded
        let weights = SeededWeights(seed: 5)
        let expert = ExpertShape(hidden: 6, ffn: 4, activation: .swiglu)
        let expected = weights.parameters(of: .routed(2), layer: 1, shape: expert)
        #expect(try source.expertParameters(of: .routed(2), layer: 1) == expected)
        #expect(try source.expertParameters(of: .shared, layer: 0).shape.ffn == 8)
        let gate = weights.projection(.gate, layer: 1, outputs: 3, hidden: 6, standardDeviation: 1)
        #expect(try source.projection(.gate, outputs: 3, layer: 1) == gate)
        #expect(try source.routerBias(layer: 0) == nil && source.selectionBias(layer: 0) == nil)
        #expect(try source.sharedGate(layer: 0) == nil && source.outputBias(layer: 0) == nil)
    }

    @Test func seedRefusesWhatTheStackDoesNotHave() {
        let dense = failure { _ = try seeded.expertParameters(of: .dense, layer: 0) }
        #expect(dense == "weights of seed 5: has no expert dense")
        let beyond = failure { _ = try seeded.expertParameters(of: .routed(3), layer: 0) }
        #expect(beyond == "weights of seed 5: has no expert routed(3)")
        let layer = failure { _ = try seeded.projection(.gate, outputs: 3, layer: 2) }
        #expect(layer == "weights of seed 5: has no layer 2")
    }

    /// Each tensor of a small Mixtral in turn: found by the check, and by whoever reads it.
    @Test func numbersThatAreNotFiniteAreNamed() throws {
        let sound = SmallMixtral.tensors()
        for index in sound.indices {
            var tensors = sound
            let place = 7
            tensors[index].bytes.replaceSubrange(place * 4..<place * 4 + 4, with: [0, 0, 0xC0, 0x7F])
            let path = try folder.write(tensors, as: "model.safetensors")
            let source = try CheckpointSource(
                checkpoint: Checkpoint(path: path),
                family: .named("mixtral"),
                layers: [2]
            )
            let width = sound[index].shape[1]
            let message =
                "\(path): tensor \"\(sound[index].name)\": is nan at [\(place / width), \(place % width)]; finite numbers are allowed"
            #expect(failure { try source.checkValues(ofExperts: true) } == message)
            let isGate = index == 0
            #expect(failure { try source.checkValues(ofExperts: false) } == (isGate ? message : nil))
            let read = failure {
                _ = try source.projection(.gate, outputs: 3, layer: 0)
                for expert in 0..<3 { _ = try source.expertParameters(of: .routed(expert), layer: 0) }
            }
            #expect(read == message)
        }
        let path = try folder.write(sound, as: "sound.safetensors")
        let source = try CheckpointSource(checkpoint: Checkpoint(path: path), family: .named("mixtral"), layers: [2])
        try source.checkValues(ofExperts: true)
    }

    @Test func checkpointGivesItsLayers() throws {
        var tensors = SmallMixtral.tensors()
        tensors += SmallMixtral.tensors().map { tensor in
            var tensor = tensor
            tensor.name = tensor.name.replacing("layers.2.", with: "layers.7.")
            return tensor
        }
        let path = try folder.write(tensors, as: "model.safetensors")
        let checkpoint = try Checkpoint(path: path)
        let source: any ExpertSource = try CheckpointSource(
            checkpoint: checkpoint,
            family: .named("mixtral"),
            layers: [7, 2]
        )
        let expert = ExpertShape(hidden: 6, ffn: 4, activation: .swiglu)
        #expect(source.shape == ModelShape(layers: 2, experts: 3, expert: expert))
        #expect(try source.expertParameters(of: .routed(1), layer: 1) == SmallMixtral.parameters(1))
        #expect(
            try source.projection(.gate, outputs: 3, layer: 0).values == noise(SmallMixtral.block + "gate.weight", 18)
        )
        #expect(try source.routerBias(layer: 0) == nil && source.selectionBias(layer: 1) == nil)
        #expect(try source.sharedGate(layer: 0) == nil && source.outputBias(layer: 1) == nil)
        let noiseScale = failure { _ = try source.projection(.noise, outputs: 3, layer: 0) }
        #expect(noiseScale == "\(path): family mixtral has no router projection noise; it has the gate only")
        let shared = failure { _ = try source.expertParameters(of: .shared, layer: 0) }
        #expect(shared == "\(path): family mixtral has no expert shared")
        let layer = failure { _ = try source.expertParameters(of: .routed(0), layer: 2) }
        #expect(layer == "\(path): layer 2 of the run does not exist; there are 2")
    }

    @Test func biasesOfOracles() throws {
        func source(_ name: String) throws -> CheckpointSource {
            let oracle = try OracleCase.fixture(name)
            return try CheckpointSource(
                checkpoint: Checkpoint(path: oracle.weights),
                family: oracle.checkpointFamily(),
                layers: [3]
            )
        }
        #expect(try source("gpt_oss").routerBias(layer: 0)?.count == 8)
        #expect(try source("ernie4_5_moe").selectionBias(layer: 0)?.count == 8)
        #expect(try source("qwen2_moe").sharedGate(layer: 0)?.count == 32)
        #expect(try source("jetmoe").outputBias(layer: 0)?.count == 32)
        #expect(try source("qwen2_moe").expertParameters(of: .shared, layer: 0).shape.ffn == 40)
    }

    @Test func layersOfSeveralShapesAreRefused() throws {
        let other = SmallMixtral.tensors(experts: 2).map { tensor in
            var tensor = tensor
            tensor.name = tensor.name.replacing("layers.2.", with: "layers.3.")
            return tensor
        }
        let path = try folder.write(SmallMixtral.tensors() + other, as: "model.safetensors")
        let checkpoint = try Checkpoint(path: path)
        let mixed = failure {
            _ = try CheckpointSource(checkpoint: checkpoint, family: .named("mixtral"), layers: [2, 3])
        }
        #expect(mixed == "\(path): layers 2 and 3 differ in shape; all layers of a run must have one")
        let none = failure { _ = try CheckpointSource(checkpoint: checkpoint, family: .named("mixtral"), layers: []) }
        #expect(none == "\(path): no layer of it is named; at least one is needed")
    }
}
