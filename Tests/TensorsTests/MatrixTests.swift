import Testing

@testable import Tensors

@Suite struct MatrixTests {
    @Test func isFilledByItsMaker() {
        let matrix = unsafe Matrix(rows: 2, columns: 3) { values in
            #expect(values.count == 6)
            for index in values.indices { unsafe values[index] = Float(index) }
        }
        #expect(matrix == Matrix(rows: 2, columns: 3, values: [0, 1, 2, 3, 4, 5]))
        #expect(unsafe Matrix(rows: 0, columns: 3) { _ in }.values.isEmpty)
    }

    @Test func passesErrorsOn() {
        let error = TensorFileError(path: "a", message: "no values")
        #expect(throws: error) {
            try unsafe Matrix(rows: 2, columns: 3) { _ throws(TensorFileError) in throw error }
        }
    }

    @Test func slicesRows() {
        let matrix = Matrix(rows: 3, columns: 2, values: [0, 1, 2, 3, 4, 5])
        #expect(matrix.slice(rows: 1..<3) == Matrix(rows: 2, columns: 2, values: [2, 3, 4, 5]))
        #expect(matrix.slice(rows: 3..<3).values.isEmpty)
    }
}
