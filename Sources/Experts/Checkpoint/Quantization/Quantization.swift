internal import Basics

/// How the matrices of a checkpoint are stored, as `quantization_config` in its `config.json` says, or
/// `hf_quant_config.json` beside it.
///
/// Read are 8-bit floats with one scale per matrix, per row or per block, and MXFP4. Products are computed with the
/// values times their scales; that engines also round the rows that a matrix is multiplied with, is not followed.
struct Quantization: Equatable, Sendable {
    /// The values of an F8_E4M3 matrix that share a scale.
    enum Granularity: Equatable, Sendable {
        /// All values of the matrix.
        case matrix
        /// Those of an output: a row of `[out, in]`.
        case row
        /// A block of rows and columns, as the tensor is stored; the last ones may be cut off.
        case block(rows: Int, columns: Int)
        /// As the shape of the scales tells: one, one per row, or else one per block of 128 x 128.
        case byShape
    }

    /// A rule for some modules.
    struct Group: Equatable, Sendable {
        /// The modules, or nil for all matrices.
        let modules: ModuleNames?
        let granularity: Granularity
    }

    /// The method, in words for errors, or nil where nothing says that matrices are quantised.
    let method: String?
    /// The rules, of which the first counts that has a module.
    var groups: [Group] = []
    /// The modules that stay as they are.
    var ignored = ModuleNames.none

    /// What holds where no config.json is there to say anything: F8_E4M3 is as DeepSeek-V3 stores it, whose blocks have
    /// 128 x 128 values (DeepSeek-V3's README on weights, 'FP8 weight documentation').
    static let unstated = Quantization(method: nil, groups: [Group(modules: nil, granularity: .byShape)])
    /// What ``unstated`` takes for granted, in a sentence.
    static let assumption =
        "no config.json says how the F8_E4M3 matrices are scaled: where their scales are not one per matrix or output, "
        + "blocks of 128 x 128 values were taken, as DeepSeek-V3 has them"
    /// What a config.json without a word on quantisation says.
    static let none = Quantization(method: nil)

    /// The values that share a scale in the matrix of a module, or nil where it stays as it is.
    func granularity(of module: String) throws(CheckpointError) -> Granularity? {
        guard try !ignored.contains(module) else { return nil }
        for group in groups where try group.modules?.contains(module) ?? true { return group.granularity }
        return nil
    }

    /// What says that the matrix of a module stays as it is, in words for errors.
    func exemption(of module: String) throws(CheckpointError) -> String {
        guard let method else { return "config.json has no quantization_config that says how its scales lie" }
        return try ignored.contains(module)
            ? "the quantization_config (\(method)) leaves \(Quoted.text(module)) as it is"
            : "the quantization_config (\(method)) has no 8-bit floats for \(Quoted.text(module))"
    }
}

extension Quantization {
    /// The file that ModelOpt writes beside a checkpoint.
    private static let modelOptFile = "hf_quant_config.json"

    /// Read what the files beside a checkpoint say.
    ///
    /// - Throws: ``CheckpointError`` when a value is not of the kind that its key needs, or the method is not read.
    static func beside(_ checkpoint: String) throws(CheckpointError) -> Quantization {
        guard let (json, path) = try JSONFile.beside(checkpoint, named: JSONFile.configurationName) else {
            return try modelOpt(beside: checkpoint) ?? unstated
        }
        let reader = try ConfigurationReader(JSONFile.decode(json, path: path), path: path)
        for key in ["quantization_config", "compression_config"] {
            if let object = try reader.object(key) { return try Quantization(object, key) }
        }
        return try modelOpt(beside: checkpoint) ?? none
    }

    private static func modelOpt(beside checkpoint: String) throws(CheckpointError) -> Quantization? {
        guard let (json, path) = try JSONFile.beside(checkpoint, named: modelOptFile) else { return nil }
        let reader = try ConfigurationReader(JSONFile.decode(json, path: path), path: path)
        return try Quantization(modelOpt: reader, "it")
    }

    /// The reader of each method, by the value of `quant_method`.
    private static let methods:
        [String: @Sendable (ConfigurationReader, String) throws(CheckpointError) -> Quantization] =
            [
                "fp8": { reader, place throws(CheckpointError) in try Quantization(fp8: reader, place) },
                "fbgemm_fp8": { reader, _ throws(CheckpointError) in
                    Quantization(
                        method: "fbgemm_fp8",
                        groups: [Group(modules: nil, granularity: .row)],
                        ignored: try ignored(reader)
                    )
                },
                "compressed-tensors": { reader, place throws(CheckpointError) in
                    try Quantization(compressedTensors: reader, place)
                },
                "modelopt": { reader, place throws(CheckpointError) in try Quantization(modelOpt: reader, place) },
                // The layout of gpt-oss tells which tensors are MXFP4.
                "mxfp4": { reader, _ throws(CheckpointError) in
                    Quantization(method: "mxfp4", ignored: try ignored(reader))
                },
            ]

    private init(_ reader: ConfigurationReader, _ place: String) throws(CheckpointError) {
        var reader = reader
        guard let method = try reader.string("quant_method") else {
            throw Self.refusal(reader, "\(place) without quant_method")
        }
        guard let read = Self.methods[method] else {
            throw Self.refusal(reader, "quant_method \(Quoted.text(method)) in \(place)")
        }
        self = try read(reader, place)
    }

    /// The error for a checkpoint whose matrices are stored in a way that is not read.
    private static func refusal(_ reader: ConfigurationReader, _ found: String) -> CheckpointError {
        let methods = WordList.alternatives(methods.keys.sorted())
        let message =
            "found \(found), allowed: matrices that are not quantised, or quant_method \(methods) with 8-bit floats "
            + "(F8_E4M3) or MXFP4 as gpt-oss has it; epsim reads no other quantisation"
        return CheckpointError(path: reader.path, message: message)
    }

    private static func ignored(
        _ reader: ConfigurationReader,
        globs: Bool = false
    ) throws(CheckpointError) -> ModuleNames {
        var patterns: [String] = []
        for key in ["modules_to_not_convert", "ignored_layers", "ignore", "exclude_modules"] {
            patterns += try reader.strings(key)
        }
        return try ModuleNames(patterns, globs: globs, path: reader.path)
    }
}

extension Quantization.Granularity {
    /// The values that share a scale, in words.
    var words: String {
        switch self {
        case .matrix: "one scale per matrix"
        case .row: "one scale per output"
        case .block(let rows, let columns): "blocks of \(rows) x \(columns)"
        case .byShape: "scales by their shape"
        }
    }
}

extension Checkpoint {
    /// How matrices are stored, in words, as the files beside the checkpoint say: two machines that differ here would
    /// compute with other weights.
    public var storage: String { quantization.words }

    /// The ``storage`` of the checkpoint at a path, without opening it.
    ///
    /// - Throws: ``CheckpointError`` as opening the checkpoint does for these files.
    public static func storage(at path: String) throws(CheckpointError) -> String {
        try Quantization.beside(path).words
    }
}

extension Quantization {
    fileprivate var words: String {
        guard self != .none else { return "not quantised" }
        let scales = groups.map(\.granularity.words)
        return ([method ?? "no config.json"] + scales + ignored.words).joined(separator: ", ")
    }
}

/// The methods, each with its keys.
extension Quantization {
    /// Blocks as DeepSeek-V3 has them; `weight_block_size` is 128 x 128 when left out, and null for one scale per
    /// matrix.
    ///
    /// Sources: transformers 5.24, `FineGrainedFP8Config`; vLLM, `Fp8Config`, for scales per matrix or row.
    private init(fp8 reader: ConfigurationReader, _ place: String) throws(CheckpointError) {
        var reader = reader
        for (key, allowed) in [("fmt", "e4m3"), ("expert_dtype", "fp8")] {
            guard let said = try reader.string(key), said != allowed else { continue }
            throw Self.refusal(reader, "\(key) \(Quoted.text(said)) in \(place)")
        }
        let granularity = try Self.block(reader, "weight_block_size") ?? .byShape
        self.init(
            method: "fp8",
            groups: [Group(modules: nil, granularity: granularity)],
            ignored: try Self.ignored(reader)
        )
    }

    private static func block(
        _ reader: ConfigurationReader,
        _ key: String
    ) throws(CheckpointError) -> Granularity? {
        guard let value = reader.value(key) else { return nil }
        guard case .list(let sizes) = value, sizes.count == 2, case .integer(let rows) = sizes[0],
            case .integer(let columns) = sizes[1], rows > 0, columns > 0
        else { throw reader.failure(key, value, "a list of two whole numbers of at least 1") }
        return .block(rows: rows, columns: columns)
    }

    /// Groups of modules, each with a type of its weights.
    ///
    /// Source: compressed-tensors, `QuantizationConfig` and `QuantizationArgs`.
    private init(compressedTensors reader: ConfigurationReader, _ place: String) throws(CheckpointError) {
        if let sparsity = try reader.object("sparsity_config") {
            var sparsity = sparsity
            let format = try sparsity.string("format") ?? "dense"
            guard format == "dense" else {
                throw Self.refusal(reader, "sparsity_config with format \(Quoted.text(format)) in \(place)")
            }
        }
        if let transforms = try reader.object("transform_config"), try transforms.object("config_groups") != nil {
            throw Self.refusal(reader, "transform_config in \(place)")
        }
        guard let named = try reader.object("config_groups") else {
            throw Self.refusal(reader, "\(place) without config_groups")
        }
        var groups: [(isByClass: Bool, group: Group)] = []
        for key in named.keys {
            guard let object = try named.object(key) else { continue }
            groups.append(try Self.group(object, "config_groups.\(key)"))
        }
        self.init(
            method: "compressed-tensors",
            // A module's own name says more than its class.
            groups: groups.filter { !$0.isByClass }.map(\.group) + groups.filter(\.isByClass).map(\.group),
            ignored: try Self.ignored(reader)
        )
    }

    private static func group(
        _ reader: ConfigurationReader,
        _ place: String
    ) throws(CheckpointError) -> (isByClass: Bool, group: Group) {
        guard var weights = try reader.object("weights") else {
            throw refusal(reader, "\(place) without weights")
        }
        let bits = try weights.integer("num_bits") ?? 8
        let type = try weights.string("type") ?? "int"
        let strategy = try weights.string("strategy")
        let isSymmetric = try weights.flag("symmetric") ?? true
        guard bits == 8, type == "float", isSymmetric else {
            let form = isSymmetric ? "" : ", not symmetric"
            throw refusal(reader, "\(bits)-bit \(type) weights\(form) in \(place)")
        }
        let granularity: Granularity
        switch strategy {
        case "tensor": granularity = .matrix
        case "channel": granularity = .row
        case "block":
            guard let block = try block(weights, "block_structure") else {
                throw refusal(reader, "strategy \"block\" without block_structure in \(place)")
            }
            granularity = block
        default: throw refusal(reader, "strategy \(strategy.map(Quoted.text) ?? "null") in \(place)")
        }
        let targets = try reader.strings("targets")
        // Names of classes begin with a capital and have no point: Linear is every matrix.
        let isByClass = targets.contains { ($0.first?.isUppercase ?? false) && !$0.contains(".") }
        let modules = isByClass ? nil : try ModuleNames(targets, globs: false, path: reader.path)
        return (isByClass, Group(modules: modules, granularity: granularity))
    }

    /// Algorithms by name, at the top or under `quantization`.
    ///
    /// Source: TensorRT Model Optimizer's unified checkpoints for the Hugging Face hub.
    private init(modelOpt reader: ConfigurationReader, _ place: String) throws(CheckpointError) {
        var reader = try reader.object("quantization") ?? reader
        let algorithms: [String: Granularity] = ["FP8": .matrix, "FP8_PER_CHANNEL_PER_TOKEN": .row]
        let algorithm = try reader.string("quant_algo")
        guard let algorithm else {
            throw Self.refusal(reader, "\(place) of modelopt without quant_algo")
        }
        guard let granularity = algorithms[algorithm] else {
            throw Self.refusal(reader, "quant_algo \(Quoted.text(algorithm)) of modelopt")
        }
        self.init(
            method: "modelopt \(algorithm)",
            groups: [Group(modules: nil, granularity: granularity)],
            ignored: try Self.ignored(reader, globs: true)
        )
    }
}

/// The names of the tensors beside a matrix that belong to its quantisation.
enum ScaleNames {
    /// The suffixes by which the name of a matrix's scales differs from its own, both of factors.
    static let suffixes = ["_scale_inv", "_scale"]
    /// The suffixes of scales of the rows that a matrix is multiplied with, which are not rounded here.
    private static let activations = ["input_scale", "activation_scale"]
    private static let weight = ".weight"

    /// The name of the matrix that a tensor belongs to, or nil where its name is not that of scales.
    static func owner(of name: String) -> String? {
        for suffix in activations {
            if name.hasSuffix("." + suffix) { return name.dropLast(suffix.count + 1) + weight }
            if name.hasSuffix("_" + suffix) { return String(name.dropLast(suffix.count + 1)) }
        }
        return suffixes.first { name.hasSuffix($0) }.map { String(name.dropLast($0.count)) }
    }

    /// The module of a tensor: its name without `.weight`.
    static func module(of tensor: String) -> String {
        tensor.hasSuffix(weight) ? String(tensor.dropLast(weight.count)) : tensor
    }
}
