import Tensors
internal import Cluster

extension ClusterOptions {
    /// How rows travel.
    var rowForm: RowForm {
        RowForm(
            dispatch: (dispatchPayload ?? payload).dtype,
            combine: payload.dtype,
            carriesWeights: gateWeights == .worker || combine == .presum,
            presums: combine == .presum
        )
    }
}
