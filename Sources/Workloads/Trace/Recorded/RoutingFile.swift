import Basics
import Tensors

/// Files of recorded routing, whose extensions name their formats.
public enum RoutingFile {
    /// The extensions, in words.
    public static let extensions = ".safetensors, .npy, .npz, .pt, .pth, .csv, .jsonl, .ndjson and .json"

    /// Open a file and check its form; choices in tensors are checked as they are read.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - names: names and axes of tensors; the other formats name what they hold themselves.
    ///   - layers: the layers to keep, by their numbers in the file; nil for all.
    /// - Throws: ``WorkloadError`` with line or tensor, what was found and what is allowed.
    public static func open(
        _ path: String,
        names: RoutingNames = RoutingNames(),
        layers: [Int]? = nil
    ) throws(WorkloadError) -> any RecordedRouting {
        let whole = try open(path, names)
        return try layers.map { (numbers) throws(WorkloadError) in try ChosenLayers(numbers, of: whole) } ?? whole
    }

    private static func open(_ path: String, _ names: RoutingNames) throws(WorkloadError) -> any RecordedRouting {
        let kind = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
        let isText = ["csv", "jsonl", "ndjson", "json"].contains(kind)
        guard !isText || !names.isGiven else {
            let message = "is no file of tensors: --ids, --weights and --axes are for .safetensors, .npy, .npz and .pt"
            throw WorkloadError(file: path, message: message)
        }
        switch kind {
        case "safetensors", "npy", "npz", "pt", "pth":
            do {
                return try TensorRouting(openTensorFile(path), names)
            } catch {
                throw WorkloadError(error)
            }
        case "csv": return try RoutingCSV.read(path: path)
        case "jsonl", "ndjson": return try RoutingJSON.read(path: path, isOneObject: false)
        case "json": return try RoutingJSON.read(path: path, isOneObject: true)
        default:
            let message = "is not named as a file of recorded routing; allowed are \(extensions)"
            throw WorkloadError(file: path, message: message)
        }
    }
}
