import Basics
import Foundation
import Synchronization

/// A file of expert loads: how many tokens each expert of a real model got in each layer, as inference engines record
/// them.
///
/// The file is JSON with `logical_count`, `[layers][experts]`: how many tokens each expert got. Layers of zeros are
/// dense and do not count.
struct ExpertLoadFile: Equatable, Sendable {
    /// Share of the routed copies that each expert got, `[layers][experts]`; each layer sums to 1.
    let shares: [[Double]]
    let path: String

    /// Read a file of expert loads.
    ///
    /// - Throws: ``WorkloadError`` for what is no JSON of this form, a negative or infinite count, or layers of
    ///   different lengths.
    private init(path: String) throws(WorkloadError) {
        self.path = path
        let content: Content
        do {
            content = try JSONText.decode(from: Data(contentsOf: URL(fileURLWithPath: path)), keys: .asTheyAre)
        } catch let error as JSONError {
            throw WorkloadError(file: path, message: "\(error), allowed: \(Self.allowed)")
        } catch {
            throw WorkloadError(file: path, message: "cannot be read: \(error.localizedDescription)")
        }
        shares = try Self.shares(content.logicalCount, path)
    }

    /// The load files that were read, with the time of their last change: the points of a sweep share one.
    private static let read = Mutex<[String: (changed: Date, file: ExpertLoadFile)]>([:])

    /// Open a file of expert loads, which is read again only when it has changed.
    static func open(path: String) throws(WorkloadError) -> ExpertLoadFile {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        let changed = attributes?[.modificationDate] as? Date
        if let changed, let known = read.withLock({ $0[path] }), known.changed == changed { return known.file }
        let file = try ExpertLoadFile(path: path)
        if let changed { read.withLock { $0[path] = (changed, file) } }
        return file
    }

    private struct Content: Decodable {
        let logicalCount: [[Double]]

        enum CodingKeys: String, CodingKey {
            case logicalCount = "logical_count"
        }
    }

    private static let allowed = "JSON with logical_count: [layers][experts], tokens of each expert"

    private static func shares(_ counts: [[Double]], _ path: String) throws(WorkloadError) -> [[Double]] {
        var shares: [[Double]] = []
        for (row, layer) in counts.enumerated() {
            if let expert = layer.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
                let message = "row \(row), expert \(expert): found \(layer[expert]), allowed: a count from 0"
                throw WorkloadError(file: path, message: message)
            }
            let sum = layer.reduce(0, +)
            guard sum > 0 else { continue }
            if let first = shares.first, first.count != layer.count {
                let message = "row \(row) has \(layer.count) experts, allowed: \(first.count) as in the rows before"
                throw WorkloadError(file: path, message: message)
            }
            shares.append(layer.map { $0 / sum })
        }
        guard !shares.isEmpty else { throw WorkloadError(file: path, message: "holds no layer with any tokens") }
        return shares
    }
}
