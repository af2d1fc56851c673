import Basics
import Tensors

/// The reader of recorded routing in comma-separated values, whose header decides on the form.
///
/// Either a row is a choice, with the columns `token`, `layer`, `expert` and perhaps `weight`; or it has all choices of a
/// token in a layer, with `token`, `layer`, `e0`, `e1`, … and perhaps `w0`, `w1`, …. Without `layer` there is one.
struct RoutingCSV {
    /// The meaning of a column.
    private enum Column: Hashable {
        case token
        case layer
        case expert(Int)
        case weight(Int)
        case source

        /// The meaning of a name: of `expert` and `weight` alone as of the first of several.
        init?(_ name: String) {
            switch name {
            case "token": self = .token
            case "layer": self = .layer
            case LabelTensor.source: self = .source
            case "expert": self = .expert(0)
            case "weight": self = .weight(0)
            default:
                guard let number = Int(name.dropFirst()), String(number) == name.dropFirst(), number >= 0 else {
                    return nil
                }
                switch name.first {
                case "e": self = .expert(number)
                case "w": self = .weight(number)
                default: return nil
                }
            }
        }
    }

    private static let allowed =
        "token, layer (where there are several) and either expert and weight, a row per choice, or e0, e1, ... and w0, "
        + "w1, ..., a row per token and layer; weights may be left out; source_rank says who owns a token"

    private let path: String
    private let columns: [Column]
    private let isChoiceWise: Bool
    private let choices: Int
    private let hasWeights: Bool

    /// Read a file.
    ///
    /// - Throws: ``WorkloadError`` with the line and what is allowed, for whatever is wrong with it.
    static func read(path: String) throws(WorkloadError) -> RoutingTable {
        do {
            var lines = try TextLines(path: path)
            guard let head = try lines.next() else { throw WorkloadError(file: path, message: "holds no header") }
            let reader = try RoutingCSV(header: fields(head, line: lines.number, path), line: lines.number, path)
            var assembly = RoutingAssembly(path: path, isChoiceWise: reader.isChoiceWise)
            while let line = try lines.next() {
                try assembly.append(reader.piece(fields(line, line: lines.number, path), line: lines.number))
            }
            return try assembly.routing(form: "CSV, a row per \(reader.isChoiceWise ? "choice" : "token and layer")")
        } catch let error as TensorFileError {
            throw WorkloadError(error)
        } catch let error as WorkloadError {
            throw error
        } catch {
            throw WorkloadError(file: path, message: "cannot be read: \(error)")
        }
    }

    /// The fields of a line; none may go over its end.
    private static func fields(_ bytes: [UInt8], line: Int, _ path: String) throws(WorkloadError) -> [String] {
        do {
            let rows = try CSVReader.rows(of: String(decoding: bytes, as: UTF8.self))
            return rows.first?.fields.map(\.trimmingBlanks) ?? []
        } catch {
            throw WorkloadError(file: path, message: "line \(line): a quote that nothing closes on the line")
        }
    }

    /// Read the names of the columns.
    private init(header: [String], line: Int, _ path: String) throws(WorkloadError) {
        self.path = path
        func error(_ message: String) -> WorkloadError {
            WorkloadError(file: path, message: "line \(line): \(message); allowed are \(Self.allowed)")
        }
        var columns: [Column] = []
        for name in header {
            guard let column = Column(name) else { throw error("column \(Quoted.text(name)) is not known") }
            guard !columns.contains(column) else { throw error("column \(Quoted.text(name)) comes twice") }
            columns.append(column)
        }
        var experts: Set<Int> = []
        var weights: Set<Int> = []
        for column in columns {
            if case .expert(let number) = column { experts.insert(number) }
            if case .weight(let number) = column { weights.insert(number) }
        }
        guard columns.contains(.token), !experts.isEmpty else { throw error("no column of tokens, or none of experts") }
        guard experts == Set(0..<experts.count), weights.isEmpty || weights == experts else {
            throw error("the columns of experts are not numbered from 0, or those of weights are not as many")
        }
        self.columns = columns
        isChoiceWise = header.contains("expert")
        choices = experts.count
        hasWeights = !weights.isEmpty
        guard !isChoiceWise || choices == 1 else { throw error("both expert and e1") }
    }

    /// The choices of a row.
    private func piece(_ fields: [String], line: Int) throws(WorkloadError) -> RoutingAssembly.Piece {
        guard fields.count == columns.count else {
            throw error("has \(fields.count) fields; the header has \(columns.count)", line)
        }
        var piece = RoutingAssembly.Piece(
            token: 0,
            layer: 0,
            line: line,
            experts: [Int32](repeating: 0, count: choices),
            weights: hasWeights ? [Float](repeating: 0, count: choices) : nil
        )
        for (column, field) in zip(columns, fields) {
            switch column {
            case .token: piece.token = try number(field, "token", 0...RoutingAssembly.largestToken, line)
            case .layer: piece.layer = try number(field, "layer", 0...LayerNumber.largest, line)
            case .source:
                piece.source = Int32(try number(field, LabelTensor.source, 0...Int(Int32.max), line))
            case .expert(let place):
                guard let id = DecimalText.wholeNumber(field), RoutingShape.expertNumbers.contains(Int64(id)) else {
                    throw error(RoutingFault.expert(Quoted.value(field)), line)
                }
                piece.experts[place] = Int32(id)
            case .weight(let place):
                guard let weight = Float(field), RoutingFault.isWeight(weight) else {
                    throw error(RoutingFault.weight(Quoted.value(field)), line)
                }
                piece.weights?[place] = weight
            }
        }
        return piece
    }

    private func number(
        _ field: String,
        _ what: String,
        _ allowed: ClosedRange<Int>,
        _ line: Int
    ) throws(WorkloadError) -> Int {
        try FieldNumber.value(field, what, allowed) { error($0, line) }
    }

    private func error(_ message: String, _ line: Int) -> WorkloadError {
        WorkloadError(file: path, message: "line \(line): \(message)")
    }
}

/// The whole number in a field of a table.
enum FieldNumber {
    /// Read a number.
    ///
    /// - Parameters:
    ///   - name: the column.
    ///   - refusal: the error for a message on another text.
    static func value<Failure: Error>(
        _ text: String,
        _ name: String,
        _ allowed: ClosedRange<Int>,
        refusal: (String) -> Failure
    ) throws(Failure) -> Int {
        guard let number = DecimalText.wholeNumber(text), allowed.contains(number) else {
            let range = "\(allowed.lowerBound) to \(allowed.upperBound)"
            throw refusal("found \(name) \(Quoted.value(text)), allowed: \(range)")
        }
        return number
    }
}

/// The numbers that layers have in files.
enum LayerNumber {
    /// The highest, as that of a checkpoint.
    static let largest = 9999
}
