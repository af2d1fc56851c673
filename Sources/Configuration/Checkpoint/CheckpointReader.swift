import Runtime
import Basics
internal import Experts
import Settings

/// Looks at the checkpoint that the settings name: its names and shapes, never its weights.
struct CheckpointReader {
    private let explicit: ExplicitSettings
    private let given: GivenValue

    /// What the checkpoint says, or nil when none is named.
    ///
    /// - Throws: the first thing that is wrong with checkpoint, family, layers or config.json.
    static func facts(_ explicit: ExplicitSettings) throws(ConfigurationError) -> CheckpointFacts? {
        guard let given = explicit["model.checkpoint"] else { return nil }
        return try CheckpointReader(explicit: explicit, given: given).facts()
    }

    private func facts() throws(ConfigurationError) -> CheckpointFacts {
        do {
            let checkpoint = try Checkpoint(path: given.text)
            let configuration = try CheckpointConfiguration.beside(given.text)
            let family = try family(of: checkpoint, configuration)
            let numbers = try numbers(in: checkpoint, family)
            let source = try CheckpointSource(checkpoint: checkpoint, family: family, layers: numbers)
            for layer in source.layers {
                try configuration?.check(against: layer)
                try layer.checkExperts()
            }
            if let contradiction = CheckpointRouter(family: family, configuration: configuration).contradiction {
                throw problem(contradiction)
            }
            return CheckpointFacts(
                path: given.text,
                family: family,
                layers: numbers,
                shape: source.shape,
                configuration: configuration
            )
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw problem("\(error)")
        }
    }

    /// The family that is named; else the only one of the config.json's `model_type`, else the only one that fits.
    private func family(
        of checkpoint: Checkpoint,
        _ configuration: CheckpointConfiguration?
    ) throws -> CheckpointFamily {
        if let name = explicit.values.model.family {
            // Encoder and decoder of one model are two families; whichever is there is meant.
            let named = try CheckpointFamily.named(name)
            let siblings = [named] + CheckpointFamily.all.filter { $0.routerName == named.routerName }
            return siblings.first { $0.fits(checkpoint) } ?? named
        }
        let named = configuration?.modelType.map { CheckpointFamily.of(modelType: $0) } ?? []
        if named.count == 1 { return named[0] }
        let fitting = (named.isEmpty ? CheckpointFamily.all : named).filter { $0.fits(checkpoint) }
        if fitting.count == 1 { return fitting[0] }
        let names = (fitting.isEmpty ? CheckpointFamily.all : fitting).map(\.name)
        let found =
            fitting.isEmpty
            ? "a checkpoint that fits no known family" : "a checkpoint that fits \(fitting.count) families"
        throw problem("found \(found), allowed: model.family \(WordList.alternatives(names))")
    }

    private func numbers(in checkpoint: Checkpoint, _ family: CheckpointFamily) throws -> [Int] {
        if case .numbers(let numbers) = explicit.values.model.layer { return numbers }
        let numbers = family.layerNumbers(in: checkpoint)
        guard numbers.count <= LayerChoice.most else {
            throw problem("holds \(numbers.count) layers, allowed: model.layer with at most \(LayerChoice.most)")
        }
        // A layer that does not exist makes the error that says why there are none.
        return numbers.isEmpty ? [0] : numbers
    }

    private func problem(_ message: String) -> ConfigurationError {
        ConfigurationError(ConfigurationProblem(location: given.source.location, key: given.key, message: message))
    }
}
