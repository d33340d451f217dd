// Reader: writes a message from the tree of its JSON, driven by its type.
//
// `open_` holds the values that were begun, each with the place of its next part; so nothing recurses. A value is first
// opened, which checks that its JSON has the right shape and writes what stands before its parts (a tag, a count).
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "mina/json/layout.h"
#include "mina/json/tree.h"

#include <span>
#include <vector>

namespace mina::json {

class Reader {
public:
    explicit Reader(Tree const& tree) : tree_(tree) {}

    base::Result<base::ByteString, JsonError> run(schema::Type const& type);

private:
    using Read = base::Result<void, JsonError>;

    struct Open {
        schema::Type const* type = nullptr;
        schema::Constructor const* constructor = nullptr;
        schema::Type const* element = nullptr;  // the type of all parts, when it is one
        Layout layout = Layout::array;
        NodeIndex node = 0;       // the array or object of the parts; of a `single` part and the like, the part
        NodeIndex next = 0;       // the next element, or the name of the next member
        std::size_t part = 0;     // the next one; of a scan tree, level
        std::size_t count = 0;
        bool in_order = true;     // whether an object's members stand in the order of the wire
        std::string_view inside = {};  // of a scan tree's level: where its array is
    };
    struct Part {
        schema::Type const* type = nullptr;
        NodeIndex node = 0;
        bool is_spread = false;
    };

    Part next_part(Open& open);
    NodeIndex next_node(Open& open);
    Read value(Part const& part);
    Read parts(Part const& part);
    Read constant_byte(bool fits, std::string_view expected, NodeIndex node, std::uint8_t byte);
    Read string(schema::Type const& type, NodeIndex node);
    Read number(schema::Type const& type, NodeIndex node);
    Read option(schema::Type const& type, NodeIndex node);
    Read list(schema::Type const& type, NodeIndex node);
    Read record(schema::Type const& type, NodeIndex node);
    Read text(schema::Type const& type, NodeIndex node);
    Read proof(schema::Type const& type, NodeIndex node);
    Read object(schema::Type const& type, NodeIndex node);
    Read fee_excess(schema::Type const& type, NodeIndex node);
    Read tuple(Part const& part);
    Read variant(schema::Type const& type, NodeIndex node);
    Read named_array(schema::Type const& type, NodeIndex node);
    Read named(schema::Type const& type, NodeIndex node);
    Read gossip(schema::Type const& type, NodeIndex node);
    Read level();
    Read level_of(schema::Type const& type, NodeIndex array, std::string_view inside);

    bool is_too_deep(schema::Type const& type) const;
    bool is_array(NodeIndex node) const { return tree_.is(node, Node::Kind::array); }
    bool is_object(NodeIndex node) const { return tree_.is(node, Node::Kind::object); }
    bool is_string(NodeIndex node) const { return tree_.is(node, Node::Kind::string); }

    bool is_in_order(NodeIndex object, std::span<schema::Member const> members) const;
    Read check_members(NodeIndex node, std::span<schema::Member const> members, std::string_view of,
                       std::string_view inside = "") const;
    base::Result<schema::Constructor const*, JsonError> constructor(schema::Type const& type, NodeIndex name) const;

    std::string path() const;
    std::string segment(Open const& open) const;
    // An error at the part that is being read, or `inside` it.
    std::unexpected<JsonError> fail(std::string_view expected, std::string_view found,
                                    std::string_view inside = "") const;
    std::unexpected<JsonError> mismatch(std::string_view expected, NodeIndex node, std::string_view inside = "") const;

    Tree const& tree_;
    base::ByteString out_;
    std::vector<Open> open_;
};

}  // namespace mina::json
