internal import Cluster
internal import Configuration
import Tensors

extension ClusterOptions {
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
