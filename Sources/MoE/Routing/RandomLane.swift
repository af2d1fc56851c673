import Tensors

/// What a router draws a random number for. Numbers of different lanes never coincide.
enum RandomLane: Int {
    /// Noise on logits, `[tokens * experts]`.
    case noise = 0
    /// Whether a further choice is asked for, `[tokens * (k - 1)]`.
    case furtherChoice
    /// The key of a copy in a random contest, `[tokens * k]`.
    case contest
    /// Which further expert is drawn, `[tokens * experts]`.
    case sampling
    /// Which sequences are exempt from dropping, `[sequences]`.
    case exemption
    /// Noise on logits of a first level of a hierarchy, `[tokens * groups]`.
    case primaryNoise
}

extension RouterBatch {
    /// Number `index` of a lane, uniform on (0, 1).
    func uniform(_ lane: RandomLane, _ index: Int) -> Double {
        if let given = givenNumbers[lane] { return given[index] }
        return random.uniformDouble(lane.rawValue << 48 + index)
    }

    /// Fills `row` with standard normal numbers, from number `start` of a lane on.
    func fillNormal(_ lane: RandomLane, _ row: inout [Double], from start: Int) {
        if let given = givenNumbers[lane] {
            for place in row.indices { row[place] = given[start + place] }
        } else {
            random.fillNormal(&row, from: lane.rawValue << 48 + start)
        }
    }
}
