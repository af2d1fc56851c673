internal import Cluster
internal import Tensors

extension RowForm {
    /// What experts write: what travels back, or singles where outputs are still to be weighted, or where the products are
    /// in singles, which oneDNN does not write as anything else.
    func outputType(computeType: DType) -> DType {
        carriesWeights || computeType == .f32 ? .f32 : combine
    }
}
