import Tensors
import Testing

@testable import Runtime

@Suite struct RMSNormTests {
    @Test func agreesWithDoublePrecision() {
        for (seed, width) in [(1, 1), (2, 7), (3, 384), (4, 4096)] {
            var samples = Samples(seed: seed)
            let tokens = samples.matrix(rows: 3, columns: width)
            let normed = RMSNorm.apply(tokens)
            for row in 0..<3 {
                let values = tokens.row(row).map(Double.init)
                let scale = (values.reduce(0) { $0 + $1 * $1 } / Double(width) + 1e-6).squareRoot()
                let errors = zip(normed.row(row), values).map { abs(Double($0) - $1 / scale) }
                #expect((errors.max() ?? 1) < 2e-6, "seed \(seed)")
            }
        }
    }

    @Test func multipliesByTheGain() {
        var samples = Samples(seed: 6)
        let tokens = samples.matrix(rows: 3, columns: 37)
        let gain = samples.matrix(rows: 1, columns: 37).values
        let normed = RMSNorm.apply(tokens)
        let gained = RMSNorm.apply(tokens, gain: gain)
        for row in 0..<3 {
            #expect(Array(gained.row(row)) == zip(normed.row(row), gain).map { $0 * $1 })
        }
    }

    @Test func zerosStayZeros() {
        let normed = RMSNorm.apply(Matrix(rows: 2, columns: 3, values: [0, 0, 0, 1e-6, 0, 0]))
        #expect(Array(normed.row(0)) == [0, 0, 0])
        #expect(normed[1, 0] > 0 && normed[1, 0] < 1e-2)
    }

    @Test func rowsDoNotTouchEachOther() {
        var samples = Samples(seed: 9)
        let tokens = samples.matrix(rows: 4, columns: 16)
        let second = Matrix(rows: 1, columns: 16, values: Array(tokens.row(1)))
        #expect(Array(RMSNorm.apply(tokens).row(1)) == RMSNorm.apply(second).values)
    }
}
