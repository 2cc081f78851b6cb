"""Examples of answers, as the schema shows them."""

from __future__ import annotations

from typing import Any

_UNION = {"code": "LCKDHL00", "name": "聊城市快递行业工会联合会"}
_APPLICATION: dict[str, Any] = {
    "number": "2026112300K7M2PX",
    "state": "submitted",
    "state_name": "已送达工会",
    "union": _UNION,
    "reasons": [
        {"rule": "no_employer", "outcome": "passed", "text": "你没有填写用人单位", "detail": "", "chosen": False},
        {
            "rule": "industry_federation",
            "outcome": "chosen",
            "text": "你所在地区有直接吸收会员的行业工会联合会：聊城市快递行业工会联合会",
            "detail": "依据：市总工会2026年3号文",
            "chosen": True,
        },
    ],
    "due_at": "2026-11-24T17:30:00+08:00",
    "door": "gov_app",
    "occupation_group": "courier",
    "region_code": "371502001001",
    "started_at": "2026-11-23T10:00:00+08:00",
    "member_number": None,
    "progress": "https://nuanxin.example/a/q0Zr…",
    "name": None,
}
_APPROVED = _APPLICATION | {
    "state": "approved",
    "state_name": "已通过",
    "due_at": None,
    "member_number": "37151234567897",
    "progress": None,
    "name": "王*芳",
}
_ROSTER: dict[str, Any] = {
    "id": "019ab3f0-5c7e-7d3a-9a51-2f6c8e0b4d17",
    "number": "2026112300K7M2PX",
    "state": "checked",
    "state_name": "核验完成，待你决定",
    "union": _UNION,
    "batch": "",
    "file_name": "骑手花名册.xlsx",
    "rows": 3000,
    "counts": {"new": 2961, "member": 20, "transfer": 12, "conflict": 3, "error": 4},
    "progress": 1.0,
    "partial": False,
    "failure": None,
    "uploaded_at": "2026-11-23T10:00:00+08:00",
    "finished_at": None,
}
_SUMS = {"applications": 32, "admissions": 28, "refusals": 1, "active": 57796}
EXAMPLES: dict[str, dict[str, Any]] = {
    "envelope": {"envelope": "eyJhdCI6IjIwMjYtMTEtMjNUMTA6MDA6MDAuMDAwKzA4OjAwIn0.c2lnbmF0dXJl"},
    "permit": {"id": "JTJ-2026-000123", "state": "done", "received_at": "2026-11-23T10:00:02+08:00", "problems": []},
    "problem": {
        "type": "urn:nuanxin:problem:invalid_application",
        "title": "有些内容不对",
        "status": 422,
        "detail": "有几处需要再看一下。",
        "code": "invalid_application",
        "errors": [{"field": "id_number", "code": "bad_id_check", "message": "身份证号有一位不对，请与身份证核对。"}],
    },
    "application": _APPLICATION,
    "approved": _APPROVED,
    "roster": _ROSTER,
    "roster_page": {"items": [_ROSTER], "next": None, "total": None},
    "application_page": {"items": [_APPROVED], "next": None},
    "route": {"union": _UNION, "reasons": _APPLICATION["reasons"]},
    "member": {
        "number": "37151234567897",
        "state": "active",
        "state_name": "有效",
        "name": "王*芳",
        "union": _UNION,
        "occupation_group": {"code": "courier", "name": "快递员"},
        "began_on": "2026-11-23",
        "ended_on": None,
    },
    "transfer": {
        "id": "019aa0d4-7c00-7000-8000-000000000001",
        "member_number": "37151234567897",
        "state": "requested",
        "state_name": "等待工会答复",
        "from_union": {"code": "DHMLH000", "name": "东华门街道灵活就业人员联合工会"},
        "to_union": _UNION,
        "started_by": "worker",
        "basis": "members.transfer_days",
        "asked_at": "2026-11-23T10:00:00+08:00",
        "due_at": "2026-12-14T17:30:00+08:00",
        "closed_at": None,
        "answers": [],
    },
    "history": {
        "number": "37151234567897",
        "stays": [{"union": _UNION, "since": "2026-11-23", "until": None}],
        "acts": [
            {
                "act": "admitted",
                "act_name": "批准入会",
                "union": _UNION,
                "from_union": None,
                "effective_on": "2026-11-23",
                "at": "2026-11-23T10:00:00+08:00",
                "basis": "",
            }
        ],
    },
    "card_code": {"code": "4829103756", "expires_at": "2026-11-23T10:01:00+08:00"},
    "checked": {
        "answer": "valid",
        "message": "有效会员",
        "surname": "王**",
        "badge": {"code": "courier", "name": "快递员"},
        "union": "聊城市快递行业工会联合会",
    },
    "scan": {
        "answer": "valid",
        "message": "有效会员",
        "surname": "王**",
        "badge": {"code": "courier", "name": "快递员"},
        "union": "聊城市快递行业工会联合会",
        "scan": "019ab3f0-6c7e-7d3a-9a51-2f6c8e0b4d17",
        "shut": None,
        "applies": [
            {
                "kind": "pack",
                "key": "019ab3f0-5c7e-7d3a-9a51-2f6c8e0b4d17",
                "title": "新会员礼包",
                "detail": "请在2027年5月22日前领取",
                "act": "hand_out",
                "refused": [],
            }
        ],
    },
    "scan_act": {"message": "请发放：新会员礼包", "again": False},
    "union": {
        **_UNION,
        "name_zh": "聊城市快递行业工会联合会",
        "name_en": "Liaocheng Couriers' Federation",
        "kind": "industry",
        "level": "city",
        "region_code": "3715",
        "address": "聊城市东昌府区东昌西路",
        "working_hours": "工作日 8:30–17:30",
        "contact_phone": "0635-1234567",
    },
    "regions": {
        "items": [
            {
                "code": "371502001",
                "name": "古楼街道",
                "name_en": "Gulou Jiedao",
                "full_name": "山东省聊城市东昌府区古楼街道",
                "level": 4,
                "level_name": "乡镇或街道",
                "parent": "371502",
            }
        ],
        "next": None,
    },
    "tallies": {
        "items": [{"key": "2026-11-23", "name": "2026-11-23", **_SUMS}],
        "next": None,
        "total": {"key": "3715", "name": "聊城市", **_SUMS},
        "by": "day",
        "since": "2026-11-23",
        "until": "2026-11-23",
        "as_of": "2026-11-23T18:00:00+08:00",
    },
    "meta": {
        "name": "暖新",
        "version": "0.1.0",
        "consent_version": "2026-11-01",
        "consents": [{"kind": "processing", "needed": True, "text": "为办理入会处理我的信息"}],
        "door_codes": ["h5"],
        "occupation_group_codes": ["courier"],
        "platform_codes": ["meituan"],
        "doors": [{"code": "h5", "name": "手机网页"}],
        "occupation_groups": [{"code": "courier", "name": "快递员"}],
        "platforms": [{"code": "meituan", "name": "美团"}],
        "own_door": None,
    },
}
