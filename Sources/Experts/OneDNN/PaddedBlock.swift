internal import Tensors

/// Cuts rows into blocks of one height, and pads the last one with whatever the block before left there: no row's bits
/// depend on it.
final class PaddedBlock {
    let rows: Int

    private let inputBytes: Int
    private let factorBytes: Int
    private let outputBytes: Int
    private let input: AlignedBuffer
    private let factor: AlignedBuffer
    private let output: AlignedBuffer

    /// - Parameters:
    ///   - rows: the height.
    ///   - inputBytes: bytes of a row of the input; likewise of the factor and the output.
    init(rows: Int, inputBytes: Int, factorBytes: Int, outputBytes: Int) {
        self.rows = rows
        self.inputBytes = inputBytes
        self.factorBytes = factorBytes
        self.outputBytes = outputBytes
        // Zeros at first, because anything else could be numbers that are slow to multiply.
        input = AlignedBuffer(byteCount: rows * inputBytes)
        factor = AlignedBuffer(byteCount: rows * factorBytes)
        output = AlignedBuffer(byteCount: rows * outputBytes)
    }

    /// Gives each block of `rows` rows to `body`, as input, factor and output.
    @unsafe
    func forEach(
        rows count: Int,
        input rowInput: UnsafeRawPointer,
        factor rowFactor: UnsafeRawPointer?,
        output rowOutput: UnsafeMutableRawPointer,
        _ body: (UnsafeRawPointer, UnsafeRawPointer?, UnsafeMutableRawPointer) throws(ComputeError) -> Void
    ) throws(ComputeError) {
        let whole = count / rows * rows
        for first in stride(from: 0, to: whole, by: rows) {
            unsafe try body(
                rowInput + first * inputBytes,
                rowFactor.map { unsafe $0 + first * factorBytes },
                rowOutput + first * outputBytes
            )
        }
        let left = count - whole
        guard left > 0 else { return }
        unsafe input.start.copyMemory(from: rowInput + whole * inputBytes, byteCount: left * inputBytes)
        if let rowFactor = unsafe rowFactor {
            unsafe factor.start.copyMemory(from: rowFactor + whole * factorBytes, byteCount: left * factorBytes)
        }
        unsafe try body(
            UnsafeRawPointer(input.start),
            rowFactor.map { _ in unsafe UnsafeRawPointer(factor.start) },
            output.start
        )
        unsafe (rowOutput + whole * outputBytes).copyMemory(from: output.start, byteCount: left * outputBytes)
    }
}
