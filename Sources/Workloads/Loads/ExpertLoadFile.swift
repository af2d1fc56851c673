import Basics
import Foundation
import Synchronization

/// A file of expert loads: how many tokens each expert of a real model got in each layer, as inference engines record
/// them.
///
/// The forms are those of ``LoadArrays``: JSON, tensors, and CSV. Layers of zeros are dense and do not count.
struct ExpertLoadFile: Sendable {
    /// The loads of one layer.
    struct Layer: Equatable, Sendable {
        /// The number of the layer in the file.
        let number: Int
        /// Copies of all experts.
        let total: Double
        /// Share of the copies that each expert got, `[experts]`, of sum 1; zeros where there are no copies.
        let shares: [Double]

        /// The layer with experts behind its last that have no tokens.
        func with(experts: Int) -> Layer {
            let more = [Double](repeating: 0, count: max(0, experts - shares.count))
            return Layer(number: number, total: total, shares: shares + more)
        }
    }

    let path: String
    /// The layers, ascending; at least one has tokens.
    let layers: [Layer]
    /// True when experts without tokens need not stand in the file.
    let leavesOutZeros: Bool
    /// What was made of the file's numbers, a sentence each.
    let notes: [String]

    /// The load files that were read, with the time of their last change: the points of a sweep share one.
    private static let read = Mutex<[String: (changed: Date, file: ExpertLoadFile)]>([:])

    /// Open a file of expert loads, which is read again only when it has changed.
    ///
    /// - Parameter step: the recorded step whose loads are taken; nil for the sum of all.
    /// - Throws: ``WorkloadError`` for what has none of the forms, a negative or infinite count, a step that is not
    ///   there, or no tokens at all.
    static func open(path: String, step: Int? = nil) throws(WorkloadError) -> ExpertLoadFile {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        let changed = attributes?[.modificationDate] as? Date
        let key = "\(step.map { "\($0)" } ?? "")\n\(path)"
        if let changed, let known = read.withLock({ $0[key] }), known.changed == changed { return known.file }
        let file = try ExpertLoadFile(LoadArrays.read(path: path), step: step)
        if let changed { read.withLock { $0[key] = (changed, file) } }
        return file
    }

    /// Open a file with the loads of its recorded steps, one after the other: one step where it holds no more.
    ///
    /// - Returns: the file, its steps summed, and the copies `[steps][layers][experts]` of its ``layers``.
    /// - Throws: ``WorkloadError`` as ``open(path:step:)`` does.
    static func steps(path: String) throws(WorkloadError) -> (whole: ExpertLoadFile, steps: [[[Double]]]) {
        let arrays = try LoadArrays.read(path: path)
        let whole = try ExpertLoadFile(arrays, step: nil)
        guard arrays.counts.shape.count == 3 else { return (whole, [try LoadCounts(arrays, step: nil).rows]) }
        var steps: [[[Double]]] = []
        for number in arrays.stepNumbers ?? Array(0..<arrays.counts.shape[0]) {
            steps.append(try LoadCounts(arrays, step: number).rows)
        }
        return (whole, steps)
    }

    private init(_ arrays: LoadArrays, step: Int?) throws(WorkloadError) {
        path = arrays.path
        leavesOutZeros = arrays.leavesOutZeros
        let counts = try LoadCounts(arrays, step: step)
        if let (slots, map) = arrays.physical {
            let physical = LoadArrays(path: path, counts: slots, isPhysical: true, map: map)
            guard try LoadCounts(physical, step: step).rows == counts.rows else {
                throw WorkloadError(
                    file: path,
                    message:
                        "holds \(arrays.counts.name) and \(slots.name), which by \(map.name) differ, allowed: one of them"
                )
            }
        }
        layers = zip(arrays.layerNumbers ?? Array(counts.rows.indices), counts.rows).map { number, row in
            let total = row.reduce(0, +)
            return Layer(number: number, total: total, shares: total > 0 ? row.map { $0 / total } : row)
        }
        notes = arrays.notes + counts.notes
        if let layer = layers.first(where: { !$0.total.isFinite }) {
            throw WorkloadError(file: path, message: "layer \(layer.number): its loads add up to no finite number")
        }
        guard layers.contains(where: { $0.total > 0 }) else {
            throw WorkloadError(file: path, message: "holds no layer with any tokens")
        }
    }
}

/// The counts of logical experts, layer by layer, that come of a file's arrays.
private struct LoadCounts {
    /// `[layers][experts]`.
    let rows: [[Double]]
    let notes: [String]

    init(_ arrays: LoadArrays, step: Int?) throws(WorkloadError) {
        func error(_ message: String) -> WorkloadError { WorkloadError(file: arrays.path, message: message) }
        let counts = arrays.counts
        guard (2...3).contains(counts.shape.count), counts.shape.allSatisfy({ $0 > 0 }) else {
            let columns = arrays.isPhysical ? "slots" : "experts"
            throw error(
                "\(counts.name) has shape \(counts.shape), allowed: [layers][\(columns)] or [steps][layers][\(columns)], each at "
                    + "least 1"
            )
        }
        let steps = counts.shape.count == 3 ? counts.shape[0] : nil
        var chosen: Int?
        if let step {
            guard let steps else {
                throw error(
                    "workload.recorded_step: found \(step), but \(counts.name) has no steps, its shape is \(counts.shape)"
                )
            }
            guard let place = arrays.place(ofStep: step, of: steps) else {
                let held = arrays.stepNumbers.map(RoutingText.list) ?? "0 to \(steps - 1)"
                throw error("workload.recorded_step: found \(step), allowed: \(held), the steps of \(counts.name)")
            }
            chosen = place
        }
        let (layers, columns) = (counts.shape[counts.shape.count - 2], counts.shape[counts.shape.count - 1])
        let taken = chosen.map { $0..<$0 + 1 } ?? 0..<(steps ?? 1)
        var maps: PhysicalMap?
        if arrays.isPhysical { maps = try PhysicalMap(arrays, layers: layers, slots: columns, steps: steps) }
        let experts = maps?.experts ?? columns
        var rows = [[Double]](repeating: [Double](repeating: 0, count: experts), count: layers)
        var (fractions, firstFraction) = (0, "")
        for recorded in taken {
            for layer in 0..<layers {
                for column in 0..<columns {
                    let value = counts.values[(recorded * layers + layer) * columns + column]
                    var place: String {
                        let step = arrays.stepNumbers?[recorded] ?? recorded
                        let row = arrays.layerNumbers.map { "layer \($0[layer])" } ?? "row \(layer)"
                        let what = arrays.isPhysical ? "slot" : "expert"
                        return (steps == nil ? "" : "step \(step), ") + "\(row), \(what) \(column)"
                    }
                    guard value >= 0, value.isFinite else {
                        throw error("\(place): found \(value), allowed: a count from 0")
                    }
                    if value != value.rounded() {
                        if fractions == 0 { firstFraction = "\(DecimalText.text(value)) of \(place)" }
                        fractions += 1
                    }
                    rows[layer][maps?.expert(step: recorded, layer: layer, slot: column) ?? column] += value
                }
            }
        }
        self.rows = rows
        var notes: [String] = []
        if let steps, steps > 1, step == nil {
            notes.append(
                "\(counts.name) holds \(steps) recorded steps, whose loads are summed; workload.recorded_step takes one"
            )
        }
        if fractions > 0 {
            notes.append(
                "\(Counted.text(fractions, "load")) of \(Folder.name(of: arrays.path)) \(fractions == 1 ? "is" : "are") no whole "
                    + "number, the first \(firstFraction): taken as shares of a layer"
            )
        }
        self.notes = notes
    }
}

extension LoadArrays {
    /// The place among the steps of the one with a number, or nil.
    fileprivate func place(ofStep step: Int, of count: Int) -> Int? {
        guard let stepNumbers else { return step < count ? step : nil }
        return stepNumbers.firstIndex(of: step)
    }
}

/// The logical expert of each physical slot.
private struct PhysicalMap {
    /// Logical experts, E.
    let experts: Int
    private let slots: [Int]
    private let layers: Int
    private let width: Int
    private let hasSteps: Bool

    init(_ arrays: LoadArrays, layers: Int, slots width: Int, steps: Int?) throws(WorkloadError) {
        func error(_ message: String) -> WorkloadError { WorkloadError(file: arrays.path, message: message) }
        guard let given = arrays.map else {
            throw error(
                "\(arrays.counts.name) counts physical slots; the experts in these are needed, as "
                    + WordList.alternatives(LoadNames.maps)
            )
        }
        let isInverse = LoadNames.inverseMaps.contains(given.name)
        let map = isInverse ? try Self.inverted(given, layers: layers, slots: width, path: arrays.path) : given
        hasSteps = steps.map { map.shape == [$0, layers, width] } ?? false
        guard hasSteps || map.shape == [layers, width] else {
            throw error(
                "\(map.name) has shape \(map.shape), allowed: [\(layers), \(width)], as \(arrays.counts.name) has it"
            )
        }
        let largest = Double(RoutingShape.mostExperts - 1)
        if let index = map.values.firstIndex(where: { !($0 >= 0 && $0 <= largest && $0 == $0.rounded()) }) {
            let (row, slot) = index.quotientAndRemainder(dividingBy: width)
            throw error(
                "\(map.name), row \(row), slot \(slot): found \(map.values[index]), allowed: an expert from 0 to \(Int(largest))"
            )
        }
        slots = map.values.map { Int($0) }
        experts = (slots.max() ?? 0) + 1
        self.layers = layers
        self.width = width
        for row in 0..<slots.count / width {
            let held = Set(slots[row * width..<(row + 1) * width])
            guard held.count == experts else {
                let missing = (0..<experts).first { !held.contains($0) } ?? 0
                throw error(
                    "\(map.name), row \(row): no slot holds expert \(missing); each of \(experts) experts needs one"
                )
            }
        }
    }

    /// The map from slots to experts of one from experts to slots.
    private static func inverted(
        _ map: LoadArray,
        layers: Int,
        slots width: Int,
        path: String
    ) throws(WorkloadError) -> LoadArray {
        guard map.shape.count == 3, map.shape[0] == layers else {
            let message = "\(map.name) has shape \(map.shape), allowed: [\(layers)][experts][slots of one]"
            throw WorkloadError(file: path, message: message)
        }
        var values = [Double](repeating: -1, count: layers * width)
        for (index, slot) in map.values.enumerated() where slot >= 0 {
            let row = index / map.shape[2]
            guard slot < Double(width), slot == slot.rounded(), values[row / map.shape[1] * width + Int(slot)] < 0
            else {
                let message =
                    "\(map.name), row \(row / map.shape[1]): found slot \(slot), allowed: each of 0 to \(width - 1) once"
                throw WorkloadError(file: path, message: message)
            }
            values[row / map.shape[1] * width + Int(slot)] = Double(row % map.shape[1])
        }
        return LoadArray(name: map.name, shape: [layers, width], values: values)
    }

    func expert(step: Int, layer: Int, slot: Int) -> Int {
        slots[((hasSteps ? step : 0) * layers + layer) * width + slot]
    }
}
