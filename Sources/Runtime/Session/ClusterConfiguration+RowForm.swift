internal import Cluster
internal import Configuration

extension ClusterConfiguration {
    /// How rows travel.
    var rowForm: RowForm {
        RowForm(
            dispatch: dispatchPayload.dtype(payload: payload),
            combine: payload.dtype,
            carriesWeights: gateWeights == .worker || combine == .presum,
            presums: combine == .presum
        )
    }
}
