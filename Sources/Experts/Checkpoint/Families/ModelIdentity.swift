import Basics

/// The name of the model of a checkpoint, as its `config.json` says it.
public struct ModelIdentity: Sendable {
    /// The file.
    public let path: String
    /// The model: `model_type`.
    public let modelType: String?
    /// The classes of the model: `architectures`.
    public let architectures: [String]
    /// The key of the language model's own configuration, in a composite model, and the model that it names.
    private let languageModel: (key: String, modelType: String, architectures: [String])?

    /// Read the name in the JSON of a `config.json`.
    ///
    /// - Throws: ``CheckpointError`` when it is no object, or one of the two keys is not what it should be.
    init(_ json: JSONValue, path: String) throws(CheckpointError) {
        var reader = try ConfigurationReader(json, path: path)
        self.path = path
        modelType = try reader.string("model_type")
        architectures = try reader.strings("architectures")
        languageModel = try Self.languageModel(reader)
    }

    /// The language model of a composite one: what a nested configuration names.
    private static func languageModel(
        _ reader: ConfigurationReader
    ) throws(CheckpointError) -> (key: String, modelType: String, architectures: [String])? {
        for key in ConfigurationReader.languageModelKeys {
            guard case .members? = reader.value(key), var nested = try reader.object(key) else { continue }
            if let modelType = try nested.string("model_type") {
                return (key, modelType, try nested.strings("architectures"))
            }
        }
        return nil
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
    /// A composite model whose name is not known is its language model, whose class computes the layers.
    public var families: [CheckpointFamily] {
        if isComposite, let languageModel {
            return Self.families(languageModel.modelType, languageModel.architectures)
        }
        return Self.families(modelType, architectures)
    }

    /// Whether the language model gives the family.
    private var isComposite: Bool {
        languageModel != nil && modelType.map { CheckpointFamily.of(modelType: $0).isEmpty } == true
    }

    /// A sentence about the composite model whose language model gave the family; nil for any other model.
    public var note: String? {
        guard isComposite, let languageModel, !families.isEmpty else { return nil }
        let (key, type) = (languageModel.key, Quoted.text(languageModel.modelType))
        return "config.json says \(words), a composite model: its \(key) says model_type \(type), which gave the family"
    }

    /// What contradicts itself in the name: a model that is known, with the class of another; nil where nothing does.
    public var conflict: String? {
        guard families.isEmpty else { return nil }
        let (type, classes) =
            if isComposite, let languageModel {
                (languageModel.modelType as String?, languageModel.architectures)
            } else {
                (modelType, architectures)
            }
        guard let type else { return nil }
        let named = CheckpointFamily.of(modelType: type).map(\.name)
        let others = CheckpointFamily.all.filter { family in
            classes.contains { family.hasClass(named: $0, isFirst: true) }
        }
        guard !named.isEmpty, !others.isEmpty else { return nil }
        return "model_type \(Quoted.text(type)) is family \(WordList.alternatives(named)), but architectures "
            + "\(Quoted.list(classes)) is family \(WordList.alternatives(others.map(\.name)))"
    }

    private static func families(_ modelType: String?, _ architectures: [String]) -> [CheckpointFamily] {
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
            return tail.isEmpty
                || ["for", "model", "textmodel", "encoder", "pretrained"].contains { tail.hasPrefix($0) }
        }
    }
}
