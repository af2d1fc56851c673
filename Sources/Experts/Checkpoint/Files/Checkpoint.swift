import Basics
internal import Foundation
internal import Synchronization
public import Tensors

/// A model's weights in safetensors files, by tensor name.
///
/// Opening reads names, never weights: a folder's headers, or only its index. A file that an index names is mapped when
/// one of its tensors is asked for, so that whoever needs a few experts touches a few pages of a few files.
public final class Checkpoint: Sendable {
    /// The file, folder or index, as the caller named it.
    public let path: String
    /// All tensors, sorted.
    public let names: [String]

    private let locations: [String: [String]]
    private let index: String?
    private let opened: Mutex<[String: SafetensorsFile]>

    /// Opens a checkpoint.
    ///
    /// - Parameter path: a `.safetensors` file; an index `*.json` whose `weight_map` names the files; or a folder with
    ///   `model.safetensors.index.json`, or else with `.safetensors` files, all of which are taken.
    /// - Throws: ``CheckpointError`` when there is no such thing, a header or the index is not right, the index names a
    ///   file that does not exist, or two files hold a tensor of one name. Parts of a tensor in files named
    ///   `…-TP-000.safetensors` and so on, as Grok-2 has them, belong together.
    public init(path: String) throws(CheckpointError) {
        let files = try CheckpointFiles(path: path)
        self.path = path
        names = files.locations.keys.sorted()
        locations = files.locations
        index = files.index
        opened = Mutex(files.opened)
    }

    /// True when a tensor of this name exists.
    public func contains(_ name: String) -> Bool {
        locations[name] != nil
    }

    /// One tensor, without reading its data.
    ///
    /// - Throws: ``CheckpointError`` that names the nearest names when there is no such tensor, or says that the index
    ///   is wrong about its file, or that it is cut into parts.
    public func tensor(named name: String) throws(CheckpointError) -> TensorView {
        let parts = try parts(of: name)
        guard parts.count == 1 else {
            let message = "is cut into \(parts.count) tensor-parallel parts; only matrices of experts may be"
            throw CheckpointError(path: path, tensor: name, message: message)
        }
        return parts[0]
    }

    /// The tensor-parallel parts of one tensor in order; usually a single one.
    func parts(of name: String) throws(CheckpointError) -> [TensorView] {
        guard let files = locations[name] else { throw missing(name) }
        var parts: [TensorView] = []
        for file in files { parts.append(try view(name, in: file)) }
        return parts
    }

    /// The error for a tensor that is not there.
    func missing(_ name: String) -> CheckpointError {
        let nearest = nearestNames(to: name, among: names)
        let hint = nearest.isEmpty ? "no name here is like it" : "the nearest names here are \(Quoted.list(nearest))"
        return CheckpointError(path: path, tensor: name, message: "was looked for and is not there; \(hint)")
    }

    /// All names that begin with `prefix`, sorted.
    func names(withPrefix prefix: String) -> ArraySlice<String> {
        var low = names.startIndex
        var high = names.endIndex
        while low < high {
            let middle = (low + high) / 2
            if names[middle] < prefix { low = middle + 1 } else { high = middle }
        }
        return names[low...].prefix { $0.hasPrefix(prefix) }
    }

    private func view(_ name: String, in path: String) throws(CheckpointError) -> TensorView {
        let file = try file(path)
        do {
            return try file.tensor(named: name)
        } catch {
            guard let index else { throw CheckpointError(error) }
            let message =
                "is said to be in \(Quoted.text((path as NSString).lastPathComponent)), which does not hold it"
            throw CheckpointError(path: index, tensor: name, message: message)
        }
    }

    private func file(_ path: String) throws(CheckpointError) -> SafetensorsFile {
        do {
            return try opened.withLock { (opened) throws(TensorFileError) in
                if let file = opened[path] { return file }
                let file = try SafetensorsFile(path: path)
                opened[path] = file
                return file
            }
        } catch {
            throw CheckpointError(error)
        }
    }
}
