extension RowEncoding {
    /// Converts whole rows from one type to another, by way of singles: exact from float8 to singles, rounded once to
    /// anything else.
    ///
    /// - Parameters:
    ///   - source: the rows; its size says how many.
    ///   - columns: values of a row, above 0.
    ///   - scratch: room for one row of singles, which holds anything afterwards.
    ///   - target: room for the rows.
    @unsafe
    public static func convert(
        _ source: UnsafeRawBufferPointer,
        columns: Int,
        from: DType,
        to: DType,
        scratch: UnsafeMutableBufferPointer<Float>,
        into target: UnsafeMutableRawBufferPointer
    ) {
        let sourceBytes = byteCount(columns: columns, as: from)
        let targetBytes = byteCount(columns: columns, as: to)
        precondition(columns > 0 && source.count % sourceBytes == 0, "the source holds no whole rows of \(columns)")
        let rows = source.count / sourceBytes
        precondition(scratch.count >= columns && target.count >= rows * targetBytes, "the target is too small")
        guard from != to else { return unsafe target.copyMemory(from: source) }
        let values = unsafe UnsafeMutableBufferPointer(rebasing: scratch[..<columns])
        for row in 0..<rows {
            let place = row * sourceBytes..<(row + 1) * sourceBytes
            unsafe decode(UnsafeRawBufferPointer(rebasing: source[place]), from: from, into: values)
            let into = unsafe UnsafeMutableRawBufferPointer(rebasing: target[(row * targetBytes)...])
            unsafe encode(UnsafeBufferPointer(values), as: to, into: into)
        }
    }
}
