/// How one bias of an expert is stored.
struct StoredBias: Equatable, Sendable {
    /// Name behind the prefix of the layer's block.
    let name: String
    /// Own tensor `[out]`, or a row of `[experts, out]`.
    var place = StoredMatrix.Place.ownTensor
    /// Which numbers of the row are the bias.
    var part = StoredMatrix.Part.whole

    /// The shape that the tensor must have, for a bias of `outputs` numbers.
    func shape(experts: Int, outputs: Int) -> [Int] {
        (place == .ownTensor ? [] : [experts]) + [outputs * part.sharing]
    }
}
