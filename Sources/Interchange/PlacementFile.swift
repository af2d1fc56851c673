import Basics
public import Placement
public import Settings
import Yams

/// A placement as a file holds it: the expert of each slot of some layers, before it is known for which cluster.
public struct PlacementFile: Equatable, Sendable {
    /// The slots of one layer.
    struct Layer: Equatable, Sendable {
        /// The name of the layer in the file, as errors have it.
        let name: String
        /// The place of the layer in the file: `file:line:column`.
        let place: String
        /// The expert of each slot.
        let experts: [Int]
        /// The number of slots of each rank, where the file tells.
        var slotsOfRanks: [Int]?
    }

    /// The file, as the caller named it.
    public let path: String
    /// The form of the file.
    public let form: PlacementForm
    let layers: [Layer]
    /// The experts of the model, where the file tells.
    let experts: Int?
    /// The ranks that the file is for, where it tells.
    let ranks: Int?

    /// Read a file of any of the forms; JSON is read as the YAML that it is.
    ///
    /// - Throws: ``ConfigurationError`` for a file that cannot be read, has none of the forms or a key that its form has
    ///   not, contradicts itself, or holds anything else than whole numbers where experts stand.
    public static func read(_ path: String) throws(ConfigurationError) -> PlacementFile {
        let text = try TextFile.read(path)
        let root = try YAMLDocument.mapping(of: text, file: path, allowed: "a placement: \(forms)")
        guard let form = PlacementForm.allCases.first(where: { root[$0.mark] != nil && $0.fits(root) }) else {
            let keys = root.keys.compactMap(\.string).joined(separator: ", ")
            throw problem(path, "found the keys \(keys), allowed: \(forms)")
        }
        return try PlacementReader(path: path, form: form, root: root).file()
    }

    /// The placement for a model and a cluster, and what was assumed for it, a sentence each.
    ///
    /// A file with more layers than the model has MoE layers is taken to begin with the dense ones.
    ///
    /// - Parameters:
    ///   - layers: MoE layers of the model.
    ///   - experts: routed experts of a layer.
    ///   - ranks: ranks of the cluster.
    /// - Throws: ``ConfigurationError`` that names layer and slot, for a file of other layers, experts, ranks or slots.
    public func placement(
        layers: Int,
        experts: Int,
        ranks: Int
    ) throws(ConfigurationError) -> (placement: Placement, notes: [String]) {
        let noun = layers == 1 ? "1 MoE layer" : "\(layers) MoE layers"
        guard self.layers.count >= layers else {
            throw Self.problem(path, "found \(self.layers.count) layers, allowed: \(noun), as the model has")
        }
        if let told = self.experts, told != experts {
            throw Self.problem(path, "found \(told) experts, allowed: \(experts), as the model has")
        }
        if let told = self.ranks, told != ranks {
            throw Self.problem(path, "found \(told) ranks, allowed: \(ranks), as the cluster has")
        }
        let dense = self.layers.count - layers
        guard dense == 0 || form == .sglang else {
            throw Self.problem(path, "found \(self.layers.count) layers, allowed: \(noun), as the model has")
        }
        var placed: [LayerPlacement] = []
        for layer in self.layers.dropFirst(dense) {
            placed.append(try Self.placement(of: layer, experts: experts, ranks: ranks))
        }
        do {
            let notes =
                dense == 0
                ? []
                : ["\(path) has \(self.layers.count) layers: its first \(dense) are taken for dense ones and left out"]
            return (try Placement(layers: placed), notes)
        } catch {
            throw Self.problem(path, "\(error)")
        }
    }

    private static func placement(
        of layer: Layer,
        experts: Int,
        ranks: Int
    ) throws(ConfigurationError) -> LayerPlacement {
        if let slot = layer.experts.firstIndex(where: { $0 < 0 || $0 >= experts }) {
            let found = layer.experts[slot]
            let isPhysical =
                found >= 0 && Set(layer.experts).count == layer.experts.count && found < layer.experts.count
            throw problem(
                layer.place,
                "\(layer.name), slot \(slot): found expert \(found), allowed: 0 to \(experts - 1)"
                    + (isPhysical ? "; numbers of slots stand where experts are meant" : "")
            )
        }
        if let missing = Set(0..<experts).subtracting(layer.experts).min() {
            throw problem(
                layer.place,
                "\(layer.name): found no slot of expert \(missing), allowed: at least 1 for each"
            )
        }
        let slots = layer.experts.count
        guard layer.slotsOfRanks.map({ $0.count == ranks }) ?? slots.isMultiple(of: ranks) else {
            throw problem(
                layer.place,
                "\(layer.name): found \(layer.slotsOfRanks.map { "\($0.count) devices" } ?? "\(slots) slots"), allowed: "
                    + (layer.slotsOfRanks == nil ? "as many on each of \(ranks) ranks" : "\(ranks), as the cluster has")
            )
        }
        var first = 0
        let expertsOfRank = (layer.slotsOfRanks ?? [Int](repeating: slots / ranks, count: ranks)).map { count in
            defer { first += count }
            return Array(layer.experts[first..<first + count])
        }
        do {
            return try LayerPlacement(experts: experts, expertsOfRank: expertsOfRank)
        } catch {
            throw problem(layer.place, "\(layer.name): \(error)")
        }
    }

    private static let forms = PlacementForm.allCases.map { "\($0.mark) (\($0.rawValue))" }.joined(separator: ", ")

    static func problem(_ place: String, _ message: String) -> ConfigurationError {
        ConfigurationError(ConfigurationProblem(location: place, message: message))
    }
}

extension PlacementForm {
    /// Whether a file with the form's mark is of this form: vLLM's has two more keys than SGLang's.
    fileprivate func fits(_ root: Node.Mapping) -> Bool {
        switch self {
        case .sglang: root["logical_to_physical_map"] == nil && root["logical_replica_count"] == nil
        default: true
        }
    }
}

/// The reader of one file's layers.
private struct PlacementReader {
    let path: String
    let form: PlacementForm
    let root: Node.Mapping

    func file() throws(ConfigurationError) -> PlacementFile {
        try checkKeys(root, form.keys, "the file")
        let layers = try layers()
        try checkAgreement(layers)
        return PlacementFile(
            path: path,
            form: form,
            layers: layers,
            experts: try root["experts"].map { node throws(ConfigurationError) in try integer(node, "experts") },
            ranks: try root["ranks"].map { node throws(ConfigurationError) in try integer(node, "ranks") }
        )
    }

    private func layers() throws(ConfigurationError) -> [PlacementFile.Layer] {
        guard let node = root[form.mark] else { return [] }
        switch form {
        case .epsim, .sglang, .vllm:
            return try rows(node).enumerated().map { row throws(ConfigurationError) in
                try layer("row \(row.offset)", row.element)
            }
        case .tensorrtLLM:
            guard let mapping = node.mapping else { throw unexpected(node, "lists of experts by layer") }
            var layers: [(number: Int, layer: PlacementFile.Layer)] = []
            for (key, value) in mapping {
                let number = try integer(key, "a layer")
                layers.append((number, try layer("layer \(number)", value)))
            }
            return try inOrder(layers, node)
        case .vllmAscend:
            return try inOrder(rows(node).map { entry throws(ConfigurationError) in try ofDevices(entry) }, node)
        }
    }

    /// The layers by their numbers, which have to follow one another.
    private func inOrder(
        _ layers: [(number: Int, layer: PlacementFile.Layer)],
        _ node: Node
    ) throws(ConfigurationError) -> [PlacementFile.Layer] {
        let sorted = layers.sorted { $0.number < $1.number }
        for (one, next) in zip(sorted, sorted.dropFirst()) where next.number - one.number != 1 {
            throw PlacementFile.problem(
                place(node),
                "\(form.mark): found layer \(next.number) behind layer \(one.number), allowed: layers that follow one another"
            )
        }
        return sorted.map(\.layer)
    }

    private func ofDevices(_ node: Node) throws(ConfigurationError) -> (number: Int, layer: PlacementFile.Layer) {
        try node.mapping.map { layer throws(ConfigurationError) in
            try checkKeys(layer, ["layer_id", "device_count", "device_list"], "a layer")
        }
        guard let layer = node.mapping, let id = layer["layer_id"], let list = layer["device_list"] else {
            throw unexpected(node, "an object with layer_id and device_list")
        }
        let number = try integer(id, "layer_id")
        let name = "layer \(number)"
        var devices: [(id: Int, experts: [Int])] = []
        for device in try rows(list) {
            try device.mapping.map { device throws(ConfigurationError) in
                try checkKeys(device, ["device_id", "device_expert"], "a device")
            }
            guard let id = device.mapping?["device_id"], let experts = device.mapping?["device_expert"] else {
                throw unexpected(device, "an object with device_id and device_expert")
            }
            devices.append((try integer(id, "device_id"), try integers(experts, name)))
        }
        if let told = layer["device_count"] {
            try require(told, "\(name), device_count", is: devices.count, "as device_list has")
        }
        devices.sort { $0.id < $1.id }
        guard devices.map(\.id) == Array(devices.indices) else {
            throw unexpected(list, "the devices 0 to \(devices.count - 1), each once")
        }
        let read = PlacementFile.Layer(
            name: name,
            place: place(node),
            experts: devices.flatMap(\.experts),
            slotsOfRanks: devices.map(\.experts.count)
        )
        return (number, read)
    }

    private func layer(_ name: String, _ node: Node) throws(ConfigurationError) -> PlacementFile.Layer {
        PlacementFile.Layer(name: name, place: place(node), experts: try integers(node, name))
    }

    private func rows(_ node: Node) throws(ConfigurationError) -> [Node] {
        guard let sequence = node.sequence else { throw unexpected(node, "a list with an entry for each layer") }
        return Array(sequence)
    }

    private func integers(_ node: Node, _ name: String) throws(ConfigurationError) -> [Int] {
        guard let sequence = node.sequence else { throw unexpected(node, "a list of experts for \(name)") }
        var numbers: [Int] = []
        for element in sequence { numbers.append(try integer(element, "an expert of \(name)")) }
        return numbers
    }

    private func integer(_ node: Node, _ what: String) throws(ConfigurationError) -> Int {
        guard let value = node.scalar.flatMap({ Self.wholeNumber($0.string) }) else {
            throw unexpected(node, "a whole number for \(what)")
        }
        return value
    }

    /// The whole number that a text is, also one that is written as `7.0` or `1e1`.
    private static func wholeNumber(_ text: String) -> Int? {
        if let number = Int(text) { return number }
        guard text.allSatisfy({ $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }) else { return nil }
        return Double(text).flatMap { Int(exactly: $0) }
    }

    private func unexpected(_ node: Node, _ allowed: String) -> ConfigurationError {
        let found = node.scalar.map { $0.string } ?? (node.sequence == nil ? "an object" : "a list")
        return PlacementFile.problem(place(node), "\(form.mark): found \(found), allowed: \(allowed)")
    }

    private func place(_ node: Node) -> String {
        node.mark.map { "\(path):\($0.line):\($0.column)" } ?? path
    }
}

extension PlacementReader {
    /// Throw for a key that stands where it means nothing.
    private func checkKeys(_ mapping: Node.Mapping, _ allowed: [String], _ owner: String) throws(ConfigurationError) {
        for key in mapping.keys where !allowed.contains(key.string ?? "") {
            let found = key.string.map(Quoted.text) ?? "something else than a name"
            throw PlacementFile.problem(
                place(key),
                "found the key \(found) in \(owner), allowed: \(allowed.joined(separator: ", ")) (\(form.rawValue))"
            )
        }
    }

    /// Throw where what a file says of its layers is not so.
    private func checkAgreement(_ layers: [PlacementFile.Layer]) throws(ConfigurationError) {
        if let told = root["moe_layer_count"] {
            try require(told, "moe_layer_count", is: layers.count, "as layer_list has")
        }
        if let told = root["num_slots"] {
            for layer in layers {
                try require(told, "num_slots", is: layer.experts.count, "as \(layer.name) has")
            }
        }
        for key in ["first_layer", "layer_updates_per_iter"] {
            guard let node = root[key] else { continue }
            guard try integer(node, key) >= 0 else {
                throw PlacementFile.problem(place(node), "\(key): found \(node.string ?? ""), allowed: 0 or more")
            }
        }
        let slots = layers.map { layer in Dictionary(grouping: layer.experts.indices) { layer.experts[$0] } }
        if let counts = root["logical_replica_count"] {
            try compare(counts, "logical_replica_count", slots) { node, name, held throws(ConfigurationError) in
                try require(node, name, is: held.count, "as \(form.mark) has")
            }
        }
        if let maps = root["logical_to_physical_map"] {
            try compare(maps, "logical_to_physical_map", slots) { node, name, held throws(ConfigurationError) in
                // Filled up with -1; the order of the slots of one expert means nothing.
                let found = try integers(node, name).filter { $0 != -1 }
                guard found.sorted() != held else { return }
                throw PlacementFile.problem(
                    place(node),
                    "\(name): found the slots \(found), allowed: \(held), as \(form.mark) has"
                )
            }
        }
    }

    /// Compare what a file says of each expert of each layer with the slots that it has.
    private func compare(
        _ node: Node,
        _ key: String,
        _ slots: [[Int: [Int]]],
        _ check: (_ node: Node, _ name: String, _ slots: [Int]) throws(ConfigurationError) -> Void
    ) throws(ConfigurationError) {
        let rows = try rows(node)
        guard rows.count == slots.count else {
            let found = Counted.text(rows.count, "layer")
            throw PlacementFile.problem(
                place(node),
                "\(key): found \(found), allowed: \(slots.count), as \(form.mark) has"
            )
        }
        for (layer, (row, held)) in zip(rows, slots).enumerated() {
            guard let experts = row.sequence else {
                throw unexpected(row, "\(key): a list with an entry for each expert")
            }
            let needed = (held.keys.max() ?? -1) + 1
            guard experts.count >= needed else {
                let found = Counted.text(experts.count, "expert")
                throw PlacementFile.problem(
                    place(row),
                    "\(key), row \(layer): found \(found), allowed: \(needed), as \(form.mark) has"
                )
            }
            for (expert, entry) in experts.enumerated() {
                try check(entry, "\(key), row \(layer), expert \(expert)", held[expert] ?? [])
            }
        }
    }

    /// Throw unless a number is what the file has elsewhere.
    private func require(
        _ node: Node,
        _ name: String,
        is held: Int,
        _ reason: String
    ) throws(ConfigurationError) {
        let told = try integer(node, name)
        guard told == held else {
            throw PlacementFile.problem(place(node), "\(name): found \(told), allowed: \(held), \(reason)")
        }
    }
}
