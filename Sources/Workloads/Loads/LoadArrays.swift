import Basics
import Tensors

/// The names under which engines write the loads of experts, and the experts of physical slots.
enum LoadNames {
    /// Copies of each logical expert, `[layers][experts]` or `[steps][layers][experts]`: SGLang's recorder and
    /// `--init-expert-location`, EPLB, vLLM's window over logical experts.
    static let logical = [
        "logical_count", "logical_counts", "expert_load", "expert_loads", "expert_count", "expert_counts",
        "global_expert_load", "global_expert_load_window",
    ]
    /// Copies of each physical slot, in the same forms: SGLang's recorder, vLLM's `EplbState`.
    static let physical = [
        "global_physical_count", "physical_count", "physical_counts", "expert_load_window", "expert_load_pass",
    ]
    /// The logical expert of each slot, `[layers][slots]`.
    static let maps = [
        "physical_to_logical_map", "last_physical_to_logical_map", "physical_to_logical", "phy2log",
    ]
    /// The slots of each logical expert, `[layers][experts][most slots of one]`, filled up with -1: vLLM, EPLB.
    static let inverseMaps = ["logical_to_physical_map", "log2phy"]
    /// What SGLang's recorder writes beside, which says nothing of loads: `sglang/srt/eplb/expert_distribution.py`.
    static let recorder = ["rank", "forward_pass_id", "gatherer_key", "average_utilization_rate_over_window"]
    /// Everything that is looked for in a file.
    static var all: [String] { logical + physical + maps + inverseMaps + [records] }
    /// The list of passes that SGLang's recorder writes per rank, each with counts of its own.
    static let records = "records"

    /// True for the name of a map of slots, at the top or in a pass: it holds no counts.
    static func isMap(_ name: String) -> Bool {
        let last = name.split(separator: ".").last.map(String.init) ?? name
        return maps.contains(last) || inverseMaps.contains(last)
    }

    static var counts: String { WordList.alternatives(Array(logical.prefix(1) + physical.prefix(1))) }
}

/// An array of numbers with its name and shape.
struct LoadArray: Equatable, Sendable {
    var name: String
    /// From the outermost dimension to the innermost.
    var shape: [Int]
    /// All elements, the innermost dimension first.
    var values: [Double]
}

/// The arrays of a file of expert loads.
struct LoadArrays: Sendable {
    let path: String
    /// Counts of logical experts or of physical slots.
    var counts: LoadArray
    /// True when the counts are those of physical slots.
    var isPhysical = false
    /// The logical expert of each physical slot.
    var map: LoadArray?
    /// The counts of slots that stand beside those of experts, with the map from one to the other.
    var physical: (counts: LoadArray, map: LoadArray)?
    /// The numbers of the layers, where they are not those of the rows.
    var layerNumbers: [Int]?
    /// The numbers of the recorded steps, where they are not counted from 0; ascending.
    var stepNumbers: [Int]?
    /// True when experts without tokens need not stand in the file.
    var leavesOutZeros = false
    var notes: [String] = []
    /// The names in the file that were not read.
    var unread: [String] = []

    /// Read a file, by the form that its extension names.
    static func read(path: String) throws(WorkloadError) -> LoadArrays {
        var arrays = try whole(path: path)
        let unread = arrays.unread.filter { !LoadNames.recorder.contains(LabelTensor.lastPart(of: $0)) }
        if !unread.isEmpty {
            let names = WordList.all(LabelTensor.byLastPart(unread))
            arrays.notes.append("\(Folder.name(of: path)) holds \(names), not read beside \(arrays.counts.name)")
        }
        return arrays
    }

    private static func whole(path: String) throws(WorkloadError) -> LoadArrays {
        switch path.split(separator: ".").last.map({ $0.lowercased() }) ?? "" {
        case "csv": return try LoadCSV.read(path: path)
        case "safetensors", "npy", "npz", "pt", "pth": return try tensors(path)
        default: return try LoadJSON.read(path: path)
        }
    }

    /// Choose the arrays by their names among those of a file.
    ///
    /// - Parameters:
    ///   - names: all names that the file has.
    ///   - isNameless: true for a file of one array that has no name of its own.
    ///   - array: gives the array of a name.
    static func choose(
        path: String,
        among names: [String],
        isNameless: Bool = false,
        _ array: (String) throws(WorkloadError) -> LoadArray
    ) throws(WorkloadError) -> LoadArrays {
        var read: Set<String> = []
        var arrays = try chosen(path: path, among: names, isNameless: isNameless) { (name) throws(WorkloadError) in
            read.insert(name)
            return try array(name)
        }
        arrays.unread = names.filter { !read.contains($0) }
        return arrays
    }

    private static func chosen(
        path: String,
        among names: [String],
        isNameless: Bool,
        _ array: (String) throws(WorkloadError) -> LoadArray
    ) throws(WorkloadError) -> LoadArrays {
        let held = Set(names)
        let map = (LoadNames.maps + LoadNames.inverseMaps).first(where: held.contains)
        let logical = LoadNames.logical.filter(held.contains)
        if let name = logical.first {
            let counts = try array(name)
            for other in logical.dropFirst() {
                let others = try array(other)
                guard (others.shape, others.values) == (counts.shape, counts.values) else {
                    let message = "holds \(name) and \(other), which differ, allowed: one of them"
                    throw WorkloadError(file: path, message: message)
                }
            }
            var arrays = LoadArrays(path: path, counts: counts)
            if let map, let slots = LoadNames.physical.first(where: held.contains) {
                arrays.physical = (try array(slots), try array(map))
            }
            return arrays
        }
        let mapped = try map.map { (name) throws(WorkloadError) in try array(name) }
        if let name = LoadNames.physical.first(where: held.contains) {
            return LoadArrays(path: path, counts: try array(name), isPhysical: true, map: mapped)
        }
        if let name = LoadNames.physical.first(where: { held.contains("\(LoadNames.records).0.\($0)") }) {
            var arrays = LoadArrays(path: path, counts: LoadArray(name: name, shape: [], values: []), isPhysical: true)
            var passes = 0
            while held.contains("\(LoadNames.records).\(passes).\(name)") {
                let pass = try array("\(LoadNames.records).\(passes).\(name)")
                if passes == 0 { arrays.counts.shape = [0] + pass.shape }
                guard Array(arrays.counts.shape.dropFirst()) == pass.shape else {
                    throw WorkloadError(
                        file: path,
                        message:
                            "\(pass.name) has shape \(pass.shape), allowed: \(Array(arrays.counts.shape.dropFirst())), as the first has"
                    )
                }
                arrays.counts.values += pass.values
                passes += 1
            }
            let recorded = names.count { $0.hasPrefix("\(LoadNames.records).") && $0.hasSuffix(".\(name)") }
            guard recorded == passes else {
                let message = "\(LoadNames.records).\(passes) has no \(name), which other passes have"
                throw WorkloadError(file: path, message: message)
            }
            arrays.counts.shape[0] = passes
            arrays.map = mapped
            if let map, passes > 1 {
                arrays.notes.append(
                    "the counts of all \(passes) passes are mapped to experts by \(map), the map after the last: where experts moved in "
                        + "between, earlier counts are of others"
                )
            }
            return arrays
        }
        if names.count == 1, !LoadNames.isMap(names[0]) {
            var arrays = LoadArrays(path: path, counts: try array(names[0]))
            if !isNameless {
                arrays.notes.append(
                    "\(Folder.name(of: path)) holds \(Quoted.text(names[0])) alone, which is taken for the copies of each expert"
                )
            }
            return arrays
        }
        throw WorkloadError(
            file: path,
            message: "holds no loads, allowed: \(LoadNames.counts); it holds \(Quoted.list(names))"
        )
    }

    private static func tensors(_ path: String) throws(WorkloadError) -> LoadArrays {
        do throws(TensorFileError) {
            let file = try openTensorFile(path)
            return try TensorLoads(file: file).arrays()
        } catch {
            throw WorkloadError(error)
        }
    }
}

/// The loads in a file of tensors.
private struct TensorLoads {
    let file: any TensorFile

    func arrays() throws(TensorFileError) -> LoadArrays {
        do throws(WorkloadError) {
            return try LoadArrays.choose(
                path: file.path,
                among: file.names,
                isNameless: file is NpyFile
            ) { (name) throws(WorkloadError) in
                do throws(TensorFileError) {
                    let tensor = try file.tensor(named: name)
                    return LoadArray(
                        name: name,
                        shape: tensor.shape,
                        values: try tensor.flat.doubles(rows: 0..<tensor.flat.rows)
                    )
                } catch {
                    throw WorkloadError(error)
                }
            }
        } catch {
            throw TensorFileError(path: error.file, message: error.message)
        }
    }
}
