import Basics
import Tensors

/// The order of the axes of a tensor of choices for all layers, of three dimensions, where nobody names it.
struct AssumedAxes {
    let axes: RoutingAxes
    /// What was taken for granted, or nil where something beside the shape tells the order.
    let note: String?

    /// Judge by what the file says of its tokens and layers, by the most layers that there can be, and by the model.
    ///
    /// Tokens come first where nothing speaks against it.
    ///
    /// - Parameters:
    ///   - layers: those of the model, or nil where none is known.
    ///   - key: what names the axes, for notes and errors.
    /// - Throws: `TensorFileError` where both orders fit, and the model's layers speak for the unusual one.
    init(of ids: TensorView, in file: any TensorFile, layers: Int?, key: String) throws(TensorFileError) {
        let (first, second) = (ids.shape[0], ids.shape[1])
        func read(_ axes: RoutingAxes, _ reason: String) -> String {
            "\(Quoted.text(ids.name)) \(ids.shape) is read as \(axes.text)\(reason); \(key) names another order"
        }
        let counted = try LabelTensor.count(in: file)
        let told = (file as? SafetensorsFile)?.metadata["layers"]?.split(separator: ",").count
        if counted == first || told == second, first != second {
            (axes, note) = (.tokenFirst, nil)
        } else if counted == second || told == first, first != second {
            (axes, note) = (.layerFirst, read(.layerFirst, ", as the file says of its tokens or layers"))
        } else if second > RoutingShape.mostLayers, first <= RoutingShape.mostLayers {
            (axes, note) = (
                .layerFirst, read(.layerFirst, ", as a model has at most \(RoutingShape.mostLayers) layers")
            )
        } else if let layers, first == layers, second < layers {
            (axes, note) = (.layerFirst, read(.layerFirst, ", as model.layers is \(layers)"))
        } else if let layers, first == layers, second != layers {
            throw ids.error(
                "has shape \(ids.shape), where \(RoutingAxes.tokenFirst.text) would be \(second) layers and "
                    + "\(RoutingAxes.layerFirst.text) the \(layers) of model.layers; \(key) says which it is"
            )
        } else {
            axes = .tokenFirst
            note = first > RoutingShape.mostLayers ? nil : read(.tokenFirst, "")
        }
    }
}
