import Basics
import Foundation
import Tensors

/// The reader of expert loads in JSON: an object with the arrays of ``LoadNames``, or an array alone.
enum LoadJSON {
    private static let allowed =
        "JSON with logical_count: [layers][experts] or [steps][layers][experts], tokens of each expert"

    static func read(path: String) throws(WorkloadError) -> LoadArrays {
        let content: Content
        do {
            let json = try Data(TextLines.whole(path: path))
            do {
                content = try JSONText.decode(from: json, keys: .asTheyAre)
            } catch {
                let place = notFinite(json).map { "\($0), allowed: a count from 0" }
                throw WorkloadError(file: path, message: place ?? "\(error), allowed: \(allowed)")
            }
        } catch let error as WorkloadError {
            throw error
        } catch let error as TensorFileError {
            throw WorkloadError(error)
        } catch {
            throw WorkloadError(file: path, message: "cannot be read: \(error)")
        }
        guard !content.arrays.isEmpty else {
            throw WorkloadError(file: path, message: "holds no \(LoadNames.counts), allowed: \(allowed)")
        }
        let names = content.arrays.map(\.name)
        let arrays = Dictionary(zip(names, content.arrays)) { first, _ in first }
        var read = try LoadArrays.choose(path: path, among: names) { (name) throws(WorkloadError) in
            guard let array = arrays[name] else {
                throw WorkloadError(file: path, message: "holds no \(name)")
            }
            return array
        }
        read.unread += content.others
        return read
    }

    /// The first number that is not finite in a text whose only fault is such numbers, as Python writes them, with its
    /// place; else nil.
    private static func notFinite(_ json: Data) -> String? {
        guard let content = try? JSONText.decode(Content.self, from: json, keys: .asTheyAre, isLoose: true) else {
            return nil
        }
        for array in content.arrays {
            guard let first = array.values.firstIndex(where: { !$0.isFinite }) else { continue }
            var (rest, place) = (first, "")
            for size in array.shape.reversed() {
                place = "[\(rest % size)]" + place
                rest /= size
            }
            return "\(array.name)\(place): found \(array.values[first])"
        }
        return nil
    }

    /// The arrays of a file, by name; those of passes as `records.0.name`.
    private struct Content: Decodable {
        var arrays: [LoadArray] = []
        /// The keys that are no arrays of loads; those of passes as `records.0.key`.
        var others: [String] = []

        init(from decoder: any Decoder) throws {
            guard let container = try? decoder.container(keyedBy: JSONKey.self) else {
                let numbers = try NestedNumbers<Double>(from: decoder)
                arrays = [LoadArray(name: LoadNames.logical[0], shape: numbers.shape, values: numbers.values)]
                return
            }
            for name in LoadNames.logical + LoadNames.physical + LoadNames.maps + LoadNames.inverseMaps {
                guard
                    let numbers = try container.decodeIfPresent(
                        NestedNumbers<Double>.self,
                        forKey: JSONKey(stringValue: name)
                    )
                else { continue }
                arrays.append(LoadArray(name: name, shape: numbers.shape, values: numbers.values))
            }
            others = container.allKeys.map(\.stringValue).filter { !LoadNames.all.contains($0) }
            let key = JSONKey(stringValue: LoadNames.records)
            guard container.contains(key) else { return }
            let records = try container.decode([Content].self, forKey: key)
            for (index, record) in records.enumerated() {
                others += record.others.map { "\(LoadNames.records).\(index).\($0)" }
                arrays += record.arrays.map {
                    LoadArray(name: "\(LoadNames.records).\(index).\($0.name)", shape: $0.shape, values: $0.values)
                }
            }
        }
    }
}
