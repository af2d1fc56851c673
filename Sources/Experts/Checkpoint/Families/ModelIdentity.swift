import Basics

/// The name of the model of a checkpoint, as its `config.json` says it.
public struct ModelIdentity: Equatable, Sendable {
    /// The file.
    public let path: String
    /// The model: `model_type`.
    public let modelType: String?
    /// The classes of the model: `architectures`.
    public let architectures: [String]

    /// Read the name in the JSON of a `config.json`.
    ///
    /// - Throws: ``CheckpointError`` when it is no object, or one of the two keys is not what it should be.
    init(_ json: JSONValue, path: String) throws(CheckpointError) {
        var reader = try ConfigurationReader(json, path: path)
        self.path = path
        modelType = try reader.string("model_type")
        architectures = try reader.strings("architectures")
    }

    /// Read the name in the `config.json` beside a checkpoint.
    ///
    /// - Returns: nil when there is no `config.json`.
    public static func beside(_ checkpoint: String) throws(CheckpointError) -> ModelIdentity? {
        guard let (json, path) = try JSONFile.beside(checkpoint, named: JSONFile.configurationName) else { return nil }
        return try ModelIdentity(JSONFile.decode(json, path: path), path: path)
    }

    /// The families that are called so: none where the name is unknown, two where encoder and decoder are families of
    /// their own.
    ///
    /// `model_type` decides, and the classes where there is none; classes that are none of the family's contradict it.
    public var families: [CheckpointFamily] {
        let named = modelType.map { CheckpointFamily.of(modelType: $0) } ?? CheckpointFamily.all
        guard modelType == nil || !architectures.isEmpty else { return named }
        return named.filter { family in
            architectures.contains { family.hasClass(named: $0, isFirst: modelType == nil) }
        }
    }

    /// The name in words, for example `model_type "mixtral", architectures "MixtralForCausalLM"`.
    public var words: String {
        let type = modelType.map { ["model_type \(Quoted.text($0))"] } ?? []
        let classes = architectures.isEmpty ? [] : ["architectures \(Quoted.list(architectures))"]
        return (type + classes).isEmpty ? "no model_type" : (type + classes).joined(separator: ", ")
    }
}

extension CheckpointFamily {
    /// Whether a name in `architectures` is that of one of the family's classes: the stem of the model's name with
    /// `Model`, `ForCausalLM` and the like behind it; capitals do not matter (`PhiMoEForCausalLM`).
    ///
    /// - Parameter isFirst: whether only the first of the stems counts.
    func hasClass(named name: String, isFirst: Bool) -> Bool {
        let name = name.lowercased()
        return classStems.prefix(isFirst ? 1 : classStems.count).contains { stem in
            guard name.hasPrefix(stem.lowercased()) else { return false }
            let tail = name.dropFirst(stem.count)
            return tail.isEmpty || ["for", "model", "encoder", "pretrained"].contains { tail.hasPrefix($0) }
        }
    }
}
