"""Addresses of unions, enterprises, lists and dated rules."""

from django.urls import path

from nuanxin.web.desk.organizations import enterprises, imports, lists, rules, start, unions

urlpatterns = [
    path("unions/", unions.tree, name="unions"),
    path("unions/search/", unions.search, name="union_search"),
    path("unions/excel/", unions.excel, name="unions_excel"),
    path("unions/start/", start.start, name="start"),
    path("unions/<str:code>/", unions.show, name="union"),
    path("unions/<str:code>/children/", unions.children, name="union_children"),
    path("unions/<str:code>/new/", unions.new, name="new_union"),
    path("unions/<str:code>/edit/", unions.edit, name="edit_union"),
    path("unions/<str:code>/move/", unions.move, name="move_union"),
    path("unions/<str:code>/close/", unions.close, name="close_union"),
    path("unions/<str:code>/reopen/", unions.reopen, name="reopen_union"),
    path("unions/<str:code>/poster.pdf", unions.poster, name="poster"),
    path("unions/<str:code>/code.png", unions.picture, name="poster_png"),
    path("unions/<str:code>/admission/new/", rules.new_admission, name="new_admission"),
    path("unions/<str:code>/admission/<uuid:rule_id>/change/", rules.change_admission, name="change_admission"),
    path("unions/<str:code>/admission/<uuid:rule_id>/end/", rules.end_admission, name="end_admission"),
    path("enterprises/", enterprises.index, name="enterprises"),
    path("enterprises/excel/", enterprises.excel, name="enterprises_excel"),
    path("enterprises/new/", enterprises.new, name="new_enterprise"),
    path("enterprises/<uuid:pk>/", enterprises.show, name="enterprise"),
    path("enterprises/<uuid:pk>/edit/", enterprises.edit, name="edit_enterprise"),
    path("enterprises/<uuid:pk>/cover/", enterprises.cover, name="cover"),
    path("enterprises/<uuid:pk>/uncover/", enterprises.uncover, name="uncover"),
    path("enterprises/<uuid:pk>/platform/", enterprises.platform, name="link_platform"),
    path("enterprises/<uuid:pk>/platform/<str:code>/end/", enterprises.end_platform, name="unlink_platform"),
    path("enterprises/<uuid:pk>/close/", enterprises.close, name="close_enterprise"),
    path("rules/", rules.index, name="rules"),
    path("rules/new/", rules.new, name="new_rule"),
    path("lists/", lists.index, name="lists"),
    path("lists/<str:kind>/new/", lists.new, name="new_list_row"),
    path("lists/<str:kind>/<str:code>/", lists.edit, name="edit_list_row"),
    path("lists/<str:kind>/<str:code>/close/", lists.close, name="close_list_row"),
    path("lists/sets/<str:code>/groups/", lists.groups_of_set, name="set_groups"),
    path("import/<str:kind>/", imports.upload, name="import"),
    path("import/<str:kind>/template/", imports.template, name="import_template"),
    path("import/<str:kind>/keep/", imports.keep, name="import_keep"),
]
