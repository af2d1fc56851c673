import Foundation
import Tensors

extension CounterRandom {
    /// Fills `row` with standard normal numbers; the one at place i depends on (stream, `start` + i) only.
    ///
    /// Box-Muller: numbers 2j and 2j + 1 come from the uniform numbers 2j and 2j + 1.
    func fillNormal(_ row: inout [Double], from start: Int) {
        var place = 0
        while place < row.count {
            let index = start + place
            let pair = index & ~1
            let radius = (-2 * log(uniformDouble(pair))).squareRoot()
            let angle = 2 * Double.pi * uniformDouble(pair + 1)
            if index == pair {
                row[place] = radius * cos(angle)
                place += 1
            }
            if place < row.count {
                row[place] = radius * sin(angle)
                place += 1
            }
        }
    }
}
