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
    /// The names of all tensors, sorted.
    public let names: [String]
    /// How the matrices are stored, as the files beside them say.
    let quantization: Quantization
    /// The truth values in config.json by which families use their optional parts; nil where there is no such file.
    let flags: [String: Bool]?

    private let locations: [String: [String]]
    private let index: String?
    /// The names that the index says are in each file, sorted; empty without an index.
    private let indexed: [String: [String]]
    private let opened: Mutex<[String: SafetensorsFile]>

    /// Open a checkpoint.
    ///
    /// - Parameter path: a `.safetensors` file; an index `*.json` whose `weight_map` names the files; or a folder with
    ///   `model.safetensors.index.json`, or else with `.safetensors` files, all of which are taken.
    /// - Throws: ``CheckpointError`` when there is no such thing, a header or the index is not right, the index names a
    ///   file that does not exist, or two files hold a tensor of one name; when a folder lacks a numbered file, holds an
    ///   adapter, or a `model.safetensors` beside an index that does not name it; or when the matrices are
    ///   quantised in a way that is not read. Parts of a tensor in files named
    ///   `…-TP-000.safetensors` and so on, as Grok-2 has them, belong together.
    public init(path: String) throws(CheckpointError) {
        let files = try CheckpointFiles(path: path)
        quantization = try Quantization.beside(path)
        flags = try ConfigurationReader.flags(Set(CheckpointFamily.all.flatMap(\.flags.values)), beside: path)
        self.path = path
        names = files.locations.keys.sorted()
        locations = files.locations
        index = files.index
        indexed = files.index == nil ? [:] : Dictionary(grouping: names) { files.locations[$0]?.first ?? "" }
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
            throw CheckpointError(error)
        }
    }

    private func file(_ path: String) throws(CheckpointError) -> SafetensorsFile {
        try opened.withLock { (opened) throws(CheckpointError) in
            if let file = opened[path] { return file }
            let file: SafetensorsFile
            do throws(TensorFileError) {
                file = try SafetensorsFile(path: path)
            } catch {
                throw CheckpointError(error)
            }
            try checkIndex(of: file, path)
            opened[path] = file
            return file
        }
    }

    /// Throw for the first tensor, by name, that the index says is in a file which lacks it.
    private func checkIndex(of file: SafetensorsFile, _ path: String) throws(CheckpointError) {
        guard let index else { return }
        let held = Set(file.names)
        guard let lacking = indexed[path]?.first(where: { !held.contains($0) }) else { return }
        let message = "is said to be in \(Quoted.text((path as NSString).lastPathComponent)), which does not hold it"
        throw CheckpointError(path: index, tensor: lacking, message: message)
    }
}

/// Ascending numbers as ranges: `0–2, 5`; after the twelfth range only how many numbers more there are.
func rangeList(_ numbers: [Int]) -> String {
    var ranges: [ClosedRange<Int>] = []
    for number in numbers {
        if let last = ranges.last, number == last.upperBound + 1 {
            ranges[ranges.count - 1] = last.lowerBound...number
        } else {
            ranges.append(number...number)
        }
    }
    let shown = ranges.prefix(12)
    let hidden = numbers.count - shown.reduce(0) { $0 + $1.count }
    let text = shown.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)" }
    return text.joined(separator: ", ") + (hidden == 0 ? "" : " and \(hidden) more")
}

/// The names most like `name`: those that share the most characters with it at both ends, at least half of it.
func nearestNames(to name: String, among names: [String], limit: Int = 3) -> [String] {
    let wanted = Array(name.utf8)
    func likeness(_ other: String) -> Int {
        let found = Array(other.utf8)
        let room = min(wanted.count, found.count)
        let head = zip(wanted, found).prefix { $0 == $1 }.count
        let tail = zip(wanted.reversed(), found.reversed()).prefix { $0 == $1 }.count
        return min(head + tail, room)
    }
    let ranked = names.map { (name: $0, likeness: likeness($0)) }.filter { $0.likeness * 2 >= wanted.count }
    return ranked.sorted { ($1.likeness, $0.name) < ($0.likeness, $1.name) }.prefix(limit).map(\.name)
}
