public import Tensors

extension OracleCase {
    /// Whether the case has a tensor `io.NAME`.
    public func has(_ name: String) throws -> Bool {
        try SafetensorsFile(path: weights).names.contains("io." + name)
    }

    /// The tensor `io.NAME`: with two dimensions, or one row per number.
    public func recorded(_ name: String) throws -> Matrix {
        let view = try SafetensorsFile(path: weights).tensor(named: "io." + name)
        return Matrix(rows: view.rows, columns: view.elementsPerRow, values: try view.floats(rows: 0..<view.rows))
    }

    /// The tensor `io.NAME` of whole numbers.
    public func recordedIntegers(_ name: String) throws -> [Int64] {
        let view = try SafetensorsFile(path: weights).tensor(named: "io." + name)
        return try view.integers(rows: 0..<view.rows)
    }

    /// Which copies have a place, 1 or 0, `[tokens, k]`; all of them where no drop is recorded.
    public func kept() throws -> [Int64] {
        guard try has("kept") else { return try recordedIntegers("topk_index").map { _ in 1 } }
        return try recordedIntegers("kept")
    }
}
