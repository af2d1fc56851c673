import Basics
import Tensors

/// The reader of expert loads in comma-separated values: a row per layer and expert, or per step, layer and expert.
struct LoadCSV {
    private static let layerNames = ["layer", "layer_id"]
    private static let expertNames = ["expert", "expert_id"]
    private static let countNames = ["count", "tokens", "load", "copies"]
    private static let stepNames = ["step"]
    private static let allowed = "columns layer, expert and count, and step where there are several"

    /// Upper limits of the numbers of a row; together they bound the memory of a file.
    private static let mostSteps = 1 << 20
    private static let mostCounts = 1 << 27

    static func read(path: String) throws(WorkloadError) -> LoadArrays {
        let rows: [CSVReader.Row]
        do {
            let text = String(decoding: try TextLines.whole(path: path), as: UTF8.self)
            rows = try CSVReader.rows(of: text, skipsComments: true)
        } catch let error as TensorFileError {
            throw WorkloadError(error)
        } catch {
            throw WorkloadError(file: path, message: "\(error)")
        }
        guard let head = rows.first else {
            throw WorkloadError(file: path, message: "holds no header, allowed: \(allowed)")
        }
        return try LoadCSV(path: path, head).arrays(rows.dropFirst())
    }

    private let path: String
    private let layer: Int
    private let expert: Int
    private let count: Int
    private let step: Int?
    private let names: [String]

    private init(path: String, _ head: CSVReader.Row) throws(WorkloadError) {
        self.path = path
        let names = head.fields.map(\.trimmingBlanks)
        func column(_ allowed: [String]) throws(WorkloadError) -> Int? {
            let found = names.indices.filter { allowed.contains(names[$0]) }
            guard found.count <= 1 else {
                let message = "line \(head.line): columns \(WordList.all(found.map { names[$0] })) say the same"
                throw WorkloadError(file: path, message: "\(message), allowed: \(Self.allowed)")
            }
            return found.first
        }
        let columns = (
            try column(Self.layerNames), try column(Self.expertNames), try column(Self.countNames),
            try column(Self.stepNames)
        )
        guard let layer = columns.0, let expert = columns.1, let count = columns.2 else {
            let message = "line \(head.line): found columns \(Quoted.list(names)), allowed: \(Self.allowed)"
            throw WorkloadError(file: path, message: message)
        }
        (self.layer, self.expert, self.count, step, self.names) = (layer, expert, count, columns.3, names)
    }

    private struct Place: Hashable {
        let step: Int
        let layer: Int
        let expert: Int
    }

    private func arrays(_ rows: ArraySlice<CSVReader.Row>) throws(WorkloadError) -> LoadArrays {
        var values: [Place: (count: Double, line: Int)] = [:]
        for row in rows {
            guard row.fields.count == names.count else {
                throw error("has \(row.fields.count) fields; the header has \(names.count)", row)
            }
            let place = Place(
                step: try step.map { (column) throws(WorkloadError) in try number(column, 0...Self.mostSteps - 1, row) }
                    ?? 0,
                layer: try number(layer, 0...LayerNumber.largest, row),
                expert: try number(expert, 0...RoutingShape.mostExperts - 1, row)
            )
            let text = row.fields[count].trimmingBlanks
            guard let value = DecimalText.value(text), value >= 0 else {
                throw error("found \(names[count]) \(Quoted.value(text)), allowed: a count from 0", row)
            }
            if let known = values[place] {
                let hint = step == nil ? "; a column step tells recorded steps apart" : ""
                throw error(
                    "layer \(place.layer), expert \(place.expert) was on line \(known.line) already\(hint)",
                    row
                )
            }
            values[place] = (value, row.line)
        }
        guard !values.isEmpty else { throw WorkloadError(file: path, message: "holds no row behind its header") }
        return try arrays(values.mapValues(\.count))
    }

    private func arrays(_ values: [Place: Double]) throws(WorkloadError) -> LoadArrays {
        let steps = Set(values.keys.map(\.step)).sorted()
        let layers = Set(values.keys.map(\.layer)).sorted()
        let experts = (values.keys.map(\.expert).max() ?? 0) + 1
        let (size, isHuge) = (steps.count * layers.count).multipliedReportingOverflow(by: experts)
        guard !isHuge, size <= Self.mostCounts else {
            throw WorkloadError(file: path, message: "holds more than \(Self.mostCounts) counts, which are allowed")
        }
        try checkLayers(values, steps, layers)
        var counts = [Double](repeating: 0, count: size)
        let placeOfStep = Dictionary(uniqueKeysWithValues: zip(steps, steps.indices))
        let placeOfLayer = Dictionary(uniqueKeysWithValues: zip(layers, layers.indices))
        for (place, value) in values {
            let row = (placeOfStep[place.step] ?? 0) * layers.count + (placeOfLayer[place.layer] ?? 0)
            counts[row * experts + place.expert] = value
        }
        let shape = step == nil ? [layers.count, experts] : [steps.count, layers.count, experts]
        let read = Set([layer, expert, count] + (step.map { [$0] } ?? []))
        let others = names.indices.filter { !read.contains($0) }.map { names[$0] }
        var arrays = LoadArrays(path: path, counts: LoadArray(name: names[count], shape: shape, values: counts))
        arrays.layerNumbers = layers
        arrays.leavesOutZeros = true
        if step != nil { arrays.stepNumbers = steps }
        arrays.notes += missing(values, steps, layers, experts: experts)
        if !others.isEmpty { arrays.notes.append("\(Folder.name(of: path)): \(Quoted.list(others)) is not read") }
        return arrays
    }

    /// Check that each step has all layers: tokens go through all of them, so that rows are missing where one has none.
    private func checkLayers(_ values: [Place: Double], _ steps: [Int], _ layers: [Int]) throws(WorkloadError) {
        guard steps.count > 1 else { return }
        var held: [Int: Set<Int>] = [:]
        for place in values.keys { held[place.step, default: []].insert(place.layer) }
        for step in steps {
            guard let layer = layers.first(where: { held[step]?.contains($0) != true }) else { continue }
            let other = steps.first { held[$0]?.contains(layer) == true } ?? 0
            throw WorkloadError(
                file: path,
                message:
                    "step \(step) has no row of layer \(layer), which step \(other) has, allowed: rows of the same layers in each step"
            )
        }
    }

    /// A note on the rows that are not there, which count as no tokens; none where all are.
    private func missing(_ values: [Place: Double], _ steps: [Int], _ layers: [Int], experts: Int) -> [String] {
        let all = steps.count * layers.count * experts
        guard values.count < all else { return [] }
        for step in steps {
            for layer in layers {
                for expert in 0..<experts where values[Place(step: step, layer: layer, expert: expert)] == nil {
                    let rows = all - values.count == 1 ? "row is" : "rows are"
                    let place = (self.step == nil ? "" : "step \(step), ") + "layer \(layer), expert \(expert)"
                    return [
                        "\(all - values.count) \(rows) not in \(Folder.name(of: path)), the first of \(place): taken for no tokens"
                    ]
                }
            }
        }
        return []
    }

    private func number(_ column: Int, _ allowed: ClosedRange<Int>, _ row: CSVReader.Row) throws(WorkloadError) -> Int {
        let text = row.fields[column].trimmingBlanks
        return try FieldNumber.value(text, names[column], allowed) { error($0, row) }
    }

    private func error(_ message: String, _ row: CSVReader.Row) -> WorkloadError {
        WorkloadError(file: path, message: "line \(row.line): \(message)")
    }
}
