import Basics
internal import Foundation
internal import Tensors

/// The files of a checkpoint, and which tensor is in which file; nothing but names has been read.
struct CheckpointFiles {
    /// The index that the hub puts beside a checkpoint of several files.
    static let indexName = "model.safetensors.index.json"
    /// The name of a checkpoint of one file.
    private static let singleName = "model.safetensors"
    /// Upper limit of the size of an index that is read, in bytes.
    private static let maximumIndexByteCount = 1 << 28

    /// The files of each tensor, by its name: one file, or those of its tensor-parallel parts in order.
    var locations: [String: [String]] = [:]
    /// The files that had to be opened to know the names of their tensors, by path.
    var opened: [String: SafetensorsFile] = [:]
    /// The path of the index file that the list of tensors came from; nil if it came from the weight files.
    var index: String?

    /// Find the tensors of a file, a folder or an index.
    init(path: String) throws(CheckpointError) {
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CheckpointError(path: path, message: "does not exist")
        }
        if isFolder.boolValue {
            try readFolder(path)
        } else if path.hasSuffix(".json") {
            try readIndex(path)
        } else if path.hasSuffix(".safetensors") {
            try readFile(path)
        } else {
            let allowed = "a .safetensors file, an index named *.json, or a folder that holds them"
            throw CheckpointError(path: path, message: "is not named as a checkpoint; allowed are \(allowed)")
        }
        if let name = locations.keys.filter(AdapterFiles.isOfAdapter).min() {
            throw CheckpointError(path: path, tensor: name, message: AdapterFiles.refusal("is of an adapter"))
        }
    }

    private mutating func readFolder(_ path: String) throws(CheckpointError) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        } catch {
            throw CheckpointError(path: path, message: "cannot be listed: \(error.localizedDescription)")
        }
        if let name = names.first(where: AdapterFiles.names.contains) {
            let refusal = AdapterFiles.refusal("holds an adapter, \(Quoted.text(name))")
            throw CheckpointError(path: path, message: "\(refusal), or model.checkpoint with one file or index by name")
        }
        if let file = try Self.namedFile(path) {
            guard names.contains(file) else {
                let message = "config.json names the weights as transformers_weights \(Quoted.text(file))"
                throw CheckpointError(path: path, message: "\(message), which is not a file beside it")
            }
            return try file.hasSuffix(".json") ? readIndex(Self.join(path, file)) : readFile(Self.join(path, file))
        }
        if names.contains(Self.indexName) {
            try readIndex(Self.join(path, Self.indexName))
            // Which of the two counts differs from engine to engine: transformers takes the file.
            let single = Self.join(path, Self.singleName)
            guard !names.contains(Self.singleName) || locations.values.contains([single]) else {
                let found = "holds \(Self.singleName) and an index, \(Self.indexName), that does not name it"
                throw CheckpointError(path: path, message: "\(found), allowed: model.checkpoint with one of the two")
            }
            return
        }
        let files = names.filter { $0.hasSuffix(".safetensors") && !$0.hasPrefix(".") }
        guard !files.isEmpty else {
            throw CheckpointError(path: path, message: "holds no .safetensors file and no \(Self.indexName)")
        }
        if let missing = ShardName.missing(among: files) {
            throw CheckpointError(path: path, message: "\(missing), allowed: all files of a set, or an index")
        }
        for file in files { try readFile(Self.join(path, file)) }
    }

    /// The file of weights that the `config.json` of a folder names, as transformers 5 takes it; nil where it names none.
    private static func namedFile(_ folder: String) throws(CheckpointError) -> String? {
        guard let (json, path) = try JSONFile.beside(folder, named: JSONFile.configurationName) else { return nil }
        var reader = try ConfigurationReader(JSONFile.decode(json, path: path), path: path)
        return try reader.string("transformers_weights")
    }

    private mutating func readFile(_ path: String) throws(CheckpointError) {
        let file: SafetensorsFile
        do {
            file = try SafetensorsFile(path: path)
        } catch {
            throw CheckpointError(error)
        }
        opened[path] = file
        for name in file.names {
            if let other = locations[name]?.last, !(Self.isPart(other) && Self.isPart(path)) {
                throw CheckpointError(path: path, tensor: name, message: "stands in \(other) as well")
            }
            locations[name, default: []].append(path)
        }
    }

    private mutating func readIndex(_ path: String) throws(CheckpointError) {
        index = path
        let map = try ShardIndex.weightMap(path: path, maximumByteCount: Self.maximumIndexByteCount)
        let folder = (path as NSString).deletingLastPathComponent
        for file in Set(map.values).sorted() {
            guard Self.staysInFolder(file) else {
                throw CheckpointError(
                    path: path,
                    message: "names file \(Quoted.text(file)), which is outside its folder"
                )
            }
            guard FileManager.default.fileExists(atPath: Self.join(folder, file)) else {
                throw CheckpointError(path: path, message: "names file \(Quoted.text(file)), which does not exist")
            }
        }
        locations = map.mapValues { [Self.join(folder, $0)] }
    }

    private static func join(_ folder: String, _ name: String) -> String {
        folder.isEmpty ? name : (folder as NSString).appendingPathComponent(name)
    }

    private static func staysInFolder(_ file: String) -> Bool {
        let parts = file.split(separator: "/", omittingEmptySubsequences: false)
        return !file.isEmpty && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }

    /// True for a file of Grok-2 that holds one of the parts into which its tensors are cut: `…-TP-003.safetensors`.
    private static func isPart(_ path: String) -> Bool {
        let stem = path.dropLast(".safetensors".count)
        let digits = stem.suffix(while: { $0.isASCII && $0.isNumber })
        return !digits.isEmpty && stem.dropLast(digits.count).hasSuffix("-TP-")
    }
}

extension StringProtocol {
    fileprivate func suffix(while predicate: (Character) -> Bool) -> SubSequence {
        self[index(startIndex, offsetBy: count - reversed().prefix(while: predicate).count)...]
    }
}

/// The index of a checkpoint of several files: `weight_map` from tensor to file.
struct ShardIndex: Decodable {
    let weightMap: [String: String]

    private enum CodingKeys: String, CodingKey {
        case weightMap = "weight_map"
    }

    /// Read the map from tensor to file out of an index; the files are not opened.
    static func weightMap(path: String, maximumByteCount: Int) throws(CheckpointError) -> [String: String] {
        let json = try JSONFile.read(path: path, maximumByteCount: maximumByteCount)
        let index: ShardIndex = try JSONFile.decode(json, path: path)
        guard !index.weightMap.isEmpty else {
            throw CheckpointError(path: path, message: "its \"weight_map\" is empty")
        }
        return index.weightMap
    }
}

/// The reason for which weights cannot be taken from a checkpoint.
public struct CheckpointError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The file or folder, as the caller named it.
    public let path: String
    /// The tensor in question, or nil when the whole checkpoint is meant.
    public let tensor: String?
    /// One sentence: what was found and what is allowed.
    public let message: String

    /// An error about a checkpoint, or about one tensor of it.
    public init(path: String, tensor: String? = nil, message: String) {
        self.path = path
        self.tensor = tensor
        self.message = message
    }

    /// Create the error of a checkpoint from the error of one of its tensor files.
    init(_ error: TensorFileError) {
        self.init(path: error.path, tensor: error.tensor, message: error.message)
    }

    /// Path, tensor and sentence on one line.
    public var description: String {
        "\(path): " + (tensor.map { "tensor \(Quoted.text($0)): " } ?? "") + message
    }
}

/// The reader of the JSON files beside a checkpoint, with errors in words.
enum JSONFile {
    /// The name of the file that says what the model of a checkpoint is like.
    static let configurationName = "config.json"

    /// Read a JSON file that stands in the folder of a checkpoint.
    ///
    /// - Parameter checkpoint: the path of a file, folder or index, as ``Checkpoint`` takes it.
    /// - Returns: the bytes and the file's path, or nil where there is no such file.
    static func beside(
        _ checkpoint: String,
        named name: String
    ) throws(CheckpointError) -> (json: Data, path: String)? {
        var isFolder: ObjCBool = false
        _ = unsafe FileManager.default.fileExists(atPath: checkpoint, isDirectory: &isFolder)
        let folder = isFolder.boolValue ? checkpoint : (checkpoint as NSString).deletingLastPathComponent
        let path = (folder as NSString).appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return (try read(path: path, maximumByteCount: 1 << 24), path)
    }

    /// Read the bytes of a file, which may have `maximumByteCount` at most.
    static func read(path: String, maximumByteCount: Int) throws(CheckpointError) -> Data {
        let file: MappedFile
        do {
            file = try MappedFile(path: path)
        } catch {
            throw CheckpointError(error)
        }
        guard file.byteCount <= maximumByteCount else {
            let message = "has \(file.byteCount) bytes; at most \(maximumByteCount) are read"
            throw CheckpointError(path: path, message: message)
        }
        return Data(file.bytes(in: 0..<file.byteCount))
    }

    /// Decode JSON as Python writes it: NaN and Infinity are numbers.
    static func decode<Value: Decodable>(_ json: Data, path: String) throws(CheckpointError) -> Value {
        do {
            return try JSONText.decode(from: json, keys: .asTheyAre, isLoose: true)
        } catch {
            throw CheckpointError(path: path, message: error.description)
        }
    }
}
