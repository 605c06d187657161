"""What Blender is told about, in this order, and untold in reverse."""

import bpy

from ..operators.assets import (
    HEADROOM_OT_add_asset_head,
    HEADROOM_OT_apply_expression,
    HEADROOM_OT_make_asset_library,
)
from ..operators.doctor import HEADROOM_OT_examine, HEADROOM_OT_fix, HEADROOM_OT_fix_all
from ..operators.export import HEADROOM_OT_export_check
from ..operators.generate import (
    HEADROOM_OT_add_attribute,
    HEADROOM_OT_generate_crowd,
    HEADROOM_OT_generate_head,
    HEADROOM_OT_new_seed,
    HEADROOM_OT_preset,
    HEADROOM_OT_remove_attribute,
)
from ..operators.imports import (
    HEADROOM_FH_head,
    HEADROOM_FH_live_link,
    HEADROOM_OT_drop_live_link,
    HEADROOM_OT_import_head,
    HEADROOM_OT_import_live_link,
)
from ..operators.keymap import (
    HEADROOM_OT_forget_keys,
    HEADROOM_OT_load_key_map,
    HEADROOM_OT_map_key,
    HEADROOM_OT_recognize_keys,
    HEADROOM_OT_save_key_map,
)
from ..operators.layers import (
    HEADROOM_OT_delete_layer,
    HEADROOM_OT_edit_layer,
    HEADROOM_OT_reduce_keys,
    HEADROOM_OT_solo_layer,
)
from ..operators.lipsync import HEADROOM_FH_sound, HEADROOM_OT_drop_sound, HEADROOM_OT_lip_sync, HEADROOM_OT_stop
from ..operators.people import HEADROOM_OT_apply_person, HEADROOM_OT_remove_person, HEADROOM_OT_save_person
from ..operators.person import (
    HEADROOM_OT_randomize_head,
    HEADROOM_OT_rebuild_head,
    HEADROOM_OT_reset_head,
    HEADROOM_OT_vary_head,
)
from ..operators.phones import (
    HEADROOM_OT_add_phone,
    HEADROOM_OT_delete_phone,
    HEADROOM_OT_hide_phones,
    HEADROOM_OT_retype_phone,
    HEADROOM_OT_show_phones,
    HEADROOM_OT_update_lips,
)
from ..operators.preferences import HEADROOM_OT_release_memory, HEADROOM_OT_self_test
from ..operators.presets import HEADROOM_OT_speak_preset, HEADROOM_OT_stabilize_preset
from ..operators.preview import HEADROOM_OT_bake_preview, HEADROOM_OT_preview, HEADROOM_OT_stop_preview
from ..operators.rig import (
    HEADROOM_OT_clear_landmarks,
    HEADROOM_OT_find_landmarks,
    HEADROOM_OT_give_shapes,
    HEADROOM_OT_place_landmarks,
)
from ..operators.solve import HEADROOM_OT_solve_capture
from ..operators.stabilize import (
    HEADROOM_FH_meshes,
    HEADROOM_OT_clear_marks,
    HEADROOM_OT_stabilize,
    HEADROOM_OT_stabilize_folder,
)
from ..operators.variants import HEADROOM_OT_keep_variant, HEADROOM_OT_variants
from ..panels import entries
from ..panels.assets import HEADROOM_AST_expressions, HEADROOM_PT_assets
from ..panels.doctor import HEADROOM_PT_doctor
from ..panels.entries import HEADROOM_MT_head
from ..panels.export import HEADROOM_PT_export
from ..panels.head import HEADROOM_PT_crowd, HEADROOM_PT_generate, HEADROOM_PT_head, HEADROOM_PT_wishes
from ..panels.keymap import HEADROOM_PT_keymap, HEADROOM_UL_keymap
from ..panels.layers import HEADROOM_PT_layers, HEADROOM_PT_layers_keys
from ..panels.person import GROUPS, HEADROOM_PT_attributes, HEADROOM_PT_person, HEADROOM_PT_rig
from ..panels.phones import HEADROOM_MT_phones, HEADROOM_PT_phones, draw_menu
from ..panels.presets import HEADROOM_PT_speak_presets, HEADROOM_PT_stabilize_presets
from ..panels.preview import HEADROOM_PT_preview
from ..panels.rig import HEADROOM_PT_shapes
from ..panels.speak import HEADROOM_PT_speak, HEADROOM_PT_speak_keys, HEADROOM_PT_speak_known, HEADROOM_PT_speak_tuning
from ..panels.stabilize import HEADROOM_PT_capture, HEADROOM_PT_stabilize
from . import (
    compat,
    doctor,
    gate,
    handlers,
    mixing,
    overrides,
    person,
    phones,
    preferences,
    properties,
    rig_properties,
    selftest,
    shortcuts,
    translate,
)

CLASSES = (
    person.HeadroomPerson,
    person.HeadroomWishes,
    properties.HeadroomAttribute,
    properties.HeadroomStabilize,
    properties.HeadroomSettings,
    properties.HeadroomStatus,
    phones.HeadroomMark,
    phones.HeadroomPhones,
    doctor.HeadroomFinding,
    doctor.HeadroomDoctor,
    gate.HeadroomExport,
    gate.HeadroomGateLine,
    gate.HeadroomGate,
    rig_properties.HeadroomRig,
    mixing.HeadroomMix,
    selftest.HeadroomCheck,
    selftest.HeadroomSelfTest,
    preferences.HeadroomPreferences,
    HEADROOM_OT_generate_head,
    HEADROOM_OT_generate_crowd,
    HEADROOM_OT_new_seed,
    HEADROOM_OT_preset,
    HEADROOM_OT_add_attribute,
    HEADROOM_OT_remove_attribute,
    HEADROOM_OT_randomize_head,
    HEADROOM_OT_vary_head,
    HEADROOM_OT_variants,
    HEADROOM_OT_keep_variant,
    HEADROOM_OT_rebuild_head,
    HEADROOM_OT_reset_head,
    HEADROOM_OT_make_asset_library,
    HEADROOM_OT_apply_expression,
    HEADROOM_OT_add_asset_head,
    HEADROOM_OT_save_person,
    HEADROOM_OT_apply_person,
    HEADROOM_OT_remove_person,
    HEADROOM_OT_lip_sync,
    HEADROOM_OT_drop_sound,
    HEADROOM_OT_stop,
    HEADROOM_OT_solo_layer,
    HEADROOM_OT_edit_layer,
    HEADROOM_OT_delete_layer,
    HEADROOM_OT_preview,
    HEADROOM_OT_stop_preview,
    HEADROOM_OT_bake_preview,
    HEADROOM_OT_reduce_keys,
    HEADROOM_OT_recognize_keys,
    HEADROOM_OT_map_key,
    HEADROOM_OT_forget_keys,
    HEADROOM_OT_save_key_map,
    HEADROOM_OT_load_key_map,
    HEADROOM_OT_show_phones,
    HEADROOM_OT_hide_phones,
    HEADROOM_OT_update_lips,
    HEADROOM_OT_add_phone,
    HEADROOM_OT_retype_phone,
    HEADROOM_OT_delete_phone,
    HEADROOM_OT_examine,
    HEADROOM_OT_fix,
    HEADROOM_OT_fix_all,
    HEADROOM_OT_export_check,
    HEADROOM_OT_find_landmarks,
    HEADROOM_OT_place_landmarks,
    HEADROOM_OT_clear_landmarks,
    HEADROOM_OT_give_shapes,
    HEADROOM_OT_speak_preset,
    HEADROOM_OT_stabilize_preset,
    HEADROOM_FH_sound,
    HEADROOM_OT_import_live_link,
    HEADROOM_OT_drop_live_link,
    HEADROOM_OT_import_head,
    HEADROOM_FH_live_link,
    HEADROOM_FH_head,
    HEADROOM_OT_stabilize,
    HEADROOM_OT_stabilize_folder,
    HEADROOM_OT_clear_marks,
    HEADROOM_OT_solve_capture,
    HEADROOM_OT_release_memory,
    HEADROOM_OT_self_test,
    HEADROOM_FH_meshes,
    HEADROOM_PT_speak_presets,
    HEADROOM_PT_stabilize_presets,
    HEADROOM_UL_keymap,
    HEADROOM_MT_phones,
    HEADROOM_MT_head,
    HEADROOM_PT_head,
    HEADROOM_PT_generate,
    HEADROOM_PT_wishes,
    HEADROOM_PT_crowd,
    HEADROOM_PT_person,
    HEADROOM_PT_attributes,
    *GROUPS,
    HEADROOM_PT_rig,
    HEADROOM_PT_shapes,
    HEADROOM_PT_keymap,
    HEADROOM_PT_assets,
    HEADROOM_AST_expressions,
    HEADROOM_PT_stabilize,
    HEADROOM_PT_capture,
    HEADROOM_PT_speak,
    HEADROOM_PT_preview,
    HEADROOM_PT_phones,
    HEADROOM_PT_speak_tuning,
    HEADROOM_PT_speak_known,
    HEADROOM_PT_speak_keys,
    HEADROOM_PT_layers,
    HEADROOM_PT_layers_keys,
    HEADROOM_PT_export,
    HEADROOM_PT_doctor,
)

_commands: list[object] = []


def register() -> None:
    """Register every class, the properties, and `blender --command headroom`."""
    for cls in CLASSES:
        translate.own(cls)
        bpy.utils.register_class(cls)
    properties.attach()
    overrides.attach()
    phones.attach()
    doctor.attach()
    gate.attach()
    rig_properties.attach()
    mixing.attach()
    selftest.attach()
    preferences.attach()
    handlers.attach()
    for menu in compat.marker_menus():
        menu.append(draw_menu)
    entries.attach()
    shortcuts.attach()
    translate.attach()
    _commands.append(bpy.utils.register_cli_command("headroom", _command))  # type: ignore[func-returns-value]


def unregister() -> None:
    """Take everything back."""
    for command in _commands:
        bpy.utils.unregister_cli_command(command)
    _commands.clear()
    translate.detach()
    shortcuts.detach()
    entries.detach()
    for menu in compat.marker_menus():
        menu.remove(draw_menu)
    handlers.detach()
    selftest.detach()
    mixing.detach()
    rig_properties.detach()
    gate.detach()
    doctor.detach()
    phones.detach()
    overrides.detach()
    properties.detach()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)


def _command(arguments: list[str]) -> int:
    from .cli import run_guarded

    return run_guarded(arguments)
