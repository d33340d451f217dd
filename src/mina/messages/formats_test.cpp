// Goal: the formats differ where the Mesa upgrade changed something, and nowhere else. Method: the definitions are
// counted; golden messages of Berkeley are brought to Mesa's format byte by byte along the walker, and have the sizes
// that were measured with another implementation (shared/facts/mina-mesa-wire.md, 1.2 and 1.3).
#include "mina/messages/berkeley/command.h"
#include "mina/messages/every_root.h"
#include "mina/schema/golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

namespace mina::messages {
namespace {

using schema::Kind;
using schema::Step;

constexpr std::size_t more_state_fields = 32 - 8;

std::set<std::string> definitions(Format format) {
    std::set<std::string> names;
    for (auto const& root : schema_of(format).roots) {
        if (root.name.starts_with('@')) names.emplace(root.name);
    }
    // The one that is no root by itself.
    names.emplace("@parallel_scan:247");
    return names;
}

std::vector<std::string> without(std::set<std::string> const& these, std::set<std::string> const& those) {
    std::vector<std::string> left;
    std::ranges::set_difference(these, those, std::back_inserter(left));
    return left;
}

TEST(formats, have_their_names) {
    for (auto const format : formats) {
        EXPECT_EQ(format_named(to_string(format)), format);
        EXPECT_FALSE(schema_of(format).roots.empty());
    }
    EXPECT_EQ(to_string(Format::mesa_array_inputs), "mesa-array-inputs");
    EXPECT_EQ(format_named("medina"), std::nullopt);
}

TEST(formats, have_their_definitions) {
    auto const berkeley = definitions(Format::berkeley);
    auto const mesa = definitions(Format::mesa);
    EXPECT_EQ(berkeley.size(), 172U);
    // 158 are reached by messages; one stays since it can be asked for by name.
    EXPECT_TRUE(mesa.contains("@shifted_value:98"));
    EXPECT_EQ(mesa.size(), 158U + 1);
    EXPECT_EQ(definitions(Format::mesa_array_inputs), mesa);
    EXPECT_EQ(without(mesa, berkeley),
              (std::vector<std::string>{"@Mina_transaction.Transaction.V3",
                                        "@Rpc.Answer_sync_ledger_query.V5.T.query",
                                        "@Scan_state.Transaction_with_witness.V3", "@Scan_state.V3",
                                        "@with_status:6#6"}));
    EXPECT_EQ(without(berkeley, mesa),
              (std::vector<std::string>{
                  "@Mina_state.Snarked_ledger_state.Pending_coinbase_stack_state.Init_stack.V1",
                  "@Rpc.Answer_sync_ledger_query.V3.T.query", "@Scan_state.Ledger_proof_with_sok_message.V2",
                  "@Scan_state.Transaction_with_witness.V2", "@Scan_state.V2", "@Tx_applied.Coinbase_applied.V2",
                  "@Tx_applied.Command_applied.V2", "@Tx_applied.Fee_transfer_applied.V2",
                  "@Tx_applied.Signed_command_applied.Body.V2", "@Tx_applied.Signed_command_applied.Common.V2",
                  "@Tx_applied.Signed_command_applied.V2", "@Tx_applied.V2", "@Tx_applied.Varying.V2",
                  "@Tx_applied.Zkapp_command_applied.V1", "@with_status:6#2", "@with_status:6#3", "@with_status:6#4",
                  "@with_status:6#5"}));
}

// curve points have two forms in JSON, of one shape on the wire.
TEST(formats, show_one_definition_in_two_forms) {
    for (auto const format : formats) {
        std::set<schema::Form> forms;
        auto const collect = [&](schema::Type const& type, base::ByteView bytes) {
            schema::Walker walker(type, bytes);
            for (auto next = walker.next(); next && *next; next = walker.next()) {
                if ((*next)->type->name == "@curve:99") forms.insert((*next)->type->form);
            }
        };
        base::ByteString const zeros(20'000);
        collect(root_named("signed-command", format).type(), zeros);
        collect(root_named("verification-key", format).type(), zeros);
        EXPECT_EQ(forms, (std::set{schema::Form::plain, schema::Form::signature})) << to_string(format);
    }
}

TEST(formats, have_a_codec_for_each_root_with_an_alias) {
    std::map<Format, std::size_t> codecs;
    for (auto const format : formats) {
        for (auto const& root : schema_of(format).roots) {
            EXPECT_EQ(codec_of(format, root) != nullptr, !root.alias.empty()) << root.name;
            codecs[format] += root.alias.empty() ? 0 : 1;
        }
    }
    EXPECT_EQ(codecs[Format::berkeley], 37U);
    EXPECT_EQ(codecs[Format::mesa], 39U);
    EXPECT_EQ(codecs[Format::mesa_array_inputs], 39U);
}

// ---- from Berkeley to Mesa

// What is inserted at a step, and before which byte.
struct Insertion {
    std::size_t offset = 0;
    base::ByteString bytes;
};

std::optional<Insertion> wider_state(Step const& step) {
    if (step.what != Step::What::end || step.type->kind != Kind::vector) return std::nullopt;
    auto const before_unit = step.offset - 1;
    // Keep, Ignore, zero.
    auto const& name = step.type->name;
    if (name == "@zkapp_state:17" || name == "@zkapp_state:17#2")
        return Insertion{before_unit, base::ByteString(more_state_fields, 1)};
    if (name == "@zkapp_state:17#3") return Insertion{before_unit, base::ByteString(more_state_fields * 32)};
    return std::nullopt;
}

// Whether the step is one of the two values of a proof's public input: they become arrays of one.
bool is_public_input(std::string const& path, Step const& step) {
    return step.type->kind == Kind::field_p &&
           (path.ends_with("public_input.zeta") || path.ends_with("public_input.zeta_omega"));
}

base::ByteString to_mesa(schema::Type const& type, base::ByteView bytes, Format format) {
    base::ByteString out;
    std::size_t taken = 0;
    auto const insert = [&](Insertion const& insertion) {
        base::append(out, bytes.subspan(taken, insertion.offset - taken));
        base::append(out, insertion.bytes);
        taken = insertion.offset;
    };
    schema::Walker walker(type, bytes);
    for (auto next = walker.next(); next && *next; next = walker.next()) {
        auto const& step = **next;
        if (auto const state = wider_state(step)) insert(*state);
        if (format == Format::mesa_array_inputs && is_public_input(walker.path(), step)) insert({step.offset, {1}});
    }
    base::append(out, bytes.subspan(taken));
    return out;
}

class berkeley_message : public testing::Test {
protected:
    void SetUp() override {
        if (schema::golden::messages().empty()) GTEST_SKIP() << schema::golden::folder << " is not here";
    }
};

void expect_only_in(Format format, std::string_view alias, base::ByteView bytes) {
    for (auto const other : formats) {
        auto const root = root_named(alias, other);
        auto const said = validate(*root.codec, bytes);
        ASSERT_EQ(said.has_value(), other == format) << root.name() << ": " << to_string(said.error().reason);
        ASSERT_EQ(said_by_walker(root.type(), bytes).has_value(), other == format) << root.name();
        auto const recoded = recode(root, bytes);
        ASSERT_EQ(recoded.has_value(), other == format) << root.name();
        if (recoded) {
            ASSERT_TRUE(base::equal(recoded->bytes, bytes)) << root.name();
        }
    }
}

struct Sizes {
    std::size_t berkeley = 0;
    std::size_t mesa = 0;
    std::size_t array_inputs = 0;
};

void expect_sizes(std::string_view alias, base::ByteView bytes, Sizes const& sizes) {
    auto const& type = root_named(alias).type();
    auto const mesa = to_mesa(type, bytes, Format::mesa);
    auto const array_inputs = to_mesa(type, bytes, Format::mesa_array_inputs);
    EXPECT_EQ(bytes.size(), sizes.berkeley) << alias;
    EXPECT_EQ(mesa.size(), sizes.mesa) << alias;
    EXPECT_EQ(array_inputs.size(), sizes.array_inputs) << alias;
    if (sizes.mesa != sizes.berkeley && sizes.mesa != sizes.array_inputs) {
        ASSERT_NO_FATAL_FAILURE(expect_only_in(Format::berkeley, alias, bytes));
        ASSERT_NO_FATAL_FAILURE(expect_only_in(Format::mesa, alias, mesa));
        ASSERT_NO_FATAL_FAILURE(expect_only_in(Format::mesa_array_inputs, alias, array_inputs));
    }
    for (auto const* const one : {&mesa, &array_inputs}) {
        auto const root = root_named(alias, one == &mesa ? Format::mesa : Format::mesa_array_inputs);
        EXPECT_TRUE(validate(*root.codec, *one)) << root.name();
        EXPECT_TRUE(recode(root, *one)->bytes == *one) << root.name();
    }
}

TEST_F(berkeley_message, becomes_one_of_mesa_of_the_known_size) {
    using schema::golden::message;
    expect_sizes("zkapp-command", message("zkapp-valid").bytes, {2663, 2759, 2759});
    expect_sizes("zkapp-command", message("zkapp-with-sig-auth").bytes, {536, 632, 632});
    expect_sizes("proof", message("transaction-proof").bytes, {10368, 10368, 10370});
    expect_sizes("block", message("block-357934").bytes, {14679, 14679 + 192, 14873});
    expect_sizes("protocol-state", message("protocol-state").bytes, {1520, 1520, 1520});
    // A zkApp's account has 24 fields more.
    expect_sizes("account", message("account-2").bytes, {2445, 2445 + 24 * 32, 2445 + 24 * 32});
}

// As the test of Mina's sources has it: 11,403 bytes, 11,451, 11,453, with other keys.
TEST_F(berkeley_message, of_one_account_update_and_a_proof_grows_by_48_and_50) {
    auto const zkapp = schema::golden::message("zkapp-valid");
    auto const proof = schema::golden::message("transaction-proof");
    binprot::Arena arena;
    auto const command = decode<berkeley::ZkappCommand>(zkapp.bytes, arena);
    auto const decoded = decode<berkeley::SideLoadedProof>(proof.bytes, arena);
    ASSERT_TRUE(command && decoded);
    auto update = (*command)->account_updates[0];
    update.elt.account_update.authorization = {.kind = berkeley::Control::Kind::proof, .proof = *decoded};
    update.elt.calls = {};
    auto changed = **command;
    changed.account_updates = {&update, 1};
    auto const bytes = encode(changed);
    EXPECT_GT(bytes.size(), proof.bytes.size());
    expect_sizes("zkapp-command", bytes, {bytes.size(), bytes.size() + 48, bytes.size() + 50});
}

TEST_F(berkeley_message, of_what_mesa_left_alone_is_one_of_mesa) {
    std::size_t same = 0;
    for (auto const& message : schema::golden::messages()) {
        auto const alias = root_of(*message.type).root->alias;
        auto const* const root = schema::find_root(schema_of(Format::mesa), alias);
        if (root == nullptr || to_mesa(*message.type, message.bytes, Format::mesa) != message.bytes) continue;
        if (alias.find("staged_ledger") != alias.npos || alias.find("sync_ledger") != alias.npos) continue;
        auto const mesa = root_named(alias, Format::mesa);
        EXPECT_TRUE(validate(*mesa.codec, message.bytes)) << message.name;
        EXPECT_TRUE(recode(mesa, message.bytes)->bytes == message.bytes) << message.name;
        ++same;
    }
    EXPECT_GT(same, 20U);
}

}  // namespace
}  // namespace mina::messages
